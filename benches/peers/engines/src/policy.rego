package after_sales

import rego.v1

hour := 3600

day := 24 * hour

# When each step was first taken.
taken := {step: at |
	some step in {event.type | some event in input.events}
	at := min([event.at | some event in input.events; event.type == step])
}

# When each role first approved.
approved := {role: at |
	some role in {event.role | some event in input.events; event.type == "approved"}
	at := min([event.at | some event in input.events; event.type == "approved"; event.role == role])
}

missed(step, due) if taken[step] > due

missed(step, due) if {
	not taken[step]
	not taken.closed
	data.now > due
}

missed_after_closing(step, due) if taken[step] > due

missed_after_closing(step, due) if {
	not taken[step]
	data.now > due
}

broken contains {"clause": "response", "due": due} if {
	due := taken.received + (24 * hour)
	missed("responded", due)
}

broken contains {"clause": "resolution", "due": due} if {
	due := taken.received + (48 * hour)
	missed("closed", due)
}

hours_to_arrive := {"ring1": 2, "ring2": 3, "ring3": 4, "neighbour": 6}

broken contains {"clause": "arrival", "due": due} if {
	due := taken.received + (hours_to_arrive[input.facts.region] * hour)
	missed("arrived", due)
}

hours_to_send := {true: 6, false: 7}

broken contains {"clause": "dispatch", "due": due} if {
	due := taken.received + (hours_to_send[input.facts.urban] * hour)
	missed("dispatched", due)
}

properly_approved if {
	input.facts.grade != "critical"
	approved["dept-head"] <= approved["company-lead"]
	approved["company-lead"] <= taken.plan_executed
}

properly_approved if {
	input.facts.grade == "critical"
	approved["dept-head"] <= approved["company-lead"]
	approved["company-lead"] <= approved["general-manager"]
	approved["general-manager"] <= taken.plan_executed
}

broken contains {"clause": "approval", "due": taken.plan_executed} if {
	taken.plan_executed
	not properly_approved
}

broken contains {"clause": "revisit", "due": due} if {
	due := taken.closed + (3 * day)
	missed_after_closing("revisited", due)
}

broken contains {"clause": "repair", "due": due} if {
	due := taken.received + (ceil(input.facts.units / 10) * day)
	missed("plan_executed", due)
}

broken contains {"clause": "whole_batch", "due": taken.plan_executed} if {
	input.facts.whole_batch_return
	taken.plan_executed
	not approved["general-manager"]
}

broken contains {"clause": "discount", "due": null} if {
	input.facts.discount < 0.9
	input.facts.margin < 0.3
}

incomplete if {
	some field in ["customer", "problem", "purchased_on", "model"]
	object.get(input.facts, field, "") == ""
}

broken contains {"clause": "intake", "due": null} if incomplete

signed_in_time if taken.customer_signed <= taken.closed

broken contains {"clause": "signed", "due": taken.closed} if {
	taken.closed
	not signed_in_time
}

broken contains {"clause": "inspectors", "due": null} if {
	taken.inspected
	count({event.by | some event in input.events; event.type == "inspected"}) < 2
}

broken contains {"clause": "reorder", "due": null} if input.facts.on_hand < input.facts.min_stock

broken contains {"clause": "contract", "due": null} if {
	input.facts.amount >= 1000
	not taken.contracted
}

shares := {
	"new": {"standard": 0.3, "ordered": 0.5, "custom": 0.5},
	"old": {"standard": 0.2, "ordered": 0.3, "custom": 0.5},
}

broken contains {"clause": "deposit", "due": null} if {
	share := shares[input.facts.customer_type][input.facts.product_type]
	input.facts.deposit < input.facts.amount * share
}

broken contains {"clause": "reported", "due": due} if {
	input.facts.grade != "general"
	due := taken.received + (24 * hour)
	missed("reported_up", due)
}

broken contains {"clause": "archived", "due": due} if {
	due := taken.closed + (30 * day)
	missed_after_closing("archived", due)
}

broken contains {"clause": "separation", "due": null} if {
	some one in input.events
	one.type == "verified"
	some other in input.events
	other.type == "plan_executed"
	one.by == other.by
}

broken contains {"clause": "after_close", "due": null} if {
	some event in input.events
	event.at > taken.closed
	not event.type in {"closed", "revisited", "archived"}
}

days_to_find := {"general": 3, "serious": 5, "critical": 5}

broken contains {"clause": "investigation", "due": due} if {
	due := taken.received + (days_to_find[input.facts.grade] * day)
	missed("investigated", due)
}

broken contains {"clause": "responder", "due": null} if {
	some event in input.events
	event.type == "responded"
	object.get(event, "by", "") == ""
}
