//! Quality problems of precast parts: found, graded, investigated, planned, approved, put right
//! (policy precast-after-sales).

use rust_decimal::Decimal;

use super::{
    month::{WORK, time_text},
    people::{
        AFTER_SALES_DEPARTMENT, AFTER_SALES_HEAD, COMPANY_LEAD, GENERAL_MANAGER, INVESTIGATION_TEAM, QUALITY_DEPARTMENT, REPAIR_TECHNICIAN,
        SITE_PERSONNEL, TECHNICAL_ENGINEER,
    },
    script::{Brief, Hours, Script},
};
use crate::case::Case;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    Unapproved,
    InvestigatedUnseen,
    WrongGrade,
    NoProgress,
    OtherMeasure,
    StoppedLate,
    ReportedLate,
    NoPlace,
    NoEngineers,
    PlanLate,
    VerifiedLate,
    CustomerNotTold,
}

const MISHAPS: &[Mishap] = &[
    Mishap::Unapproved,
    Mishap::InvestigatedUnseen,
    Mishap::WrongGrade,
    Mishap::NoProgress,
    Mishap::OtherMeasure,
    Mishap::StoppedLate,
    Mishap::ReportedLate,
    Mishap::NoPlace,
    Mishap::NoEngineers,
    Mishap::PlanLate,
    Mishap::VerifiedLate,
    Mishap::CustomerNotTold,
];

/// A grade with the effects that bear it out: grade, on safety, on function, measure needed.
type Grade = (&'static str, &'static str, &'static str, &'static str);

const GENERAL: Grade = ("general", "none", "none", "simple-repair");
const SEVERE: Grade = ("severe", "considerable", "none", "complex-repair");
const CRITICAL: Grade = ("critical", "serious", "serious", "full-rectification");

/// A quality problem from its discovery to the filed report.
pub(super) fn problem(brief: Brief) -> Case {
    let mut s = Script::begin(brief, "Q", "quality-problem", Hours::Office);
    let mishap = s.mishap(MISHAPS);
    let grade = if mishap == Some(Mishap::Unapproved) {
        CRITICAL
    } else {
        s.rng.pick(&[GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, SEVERE, SEVERE, SEVERE, CRITICAL])
    };
    let measure = s.rng.pick(&["repair", "repair", "replacement", "rectification"]);
    s.asked("grade", grade.0);
    s.fact("planned_measure", measure);
    s.fact("found_stage", "internal");
    discover(&mut s, mishap, grade);
    investigate(&mut s, mishap, grade.0 == "general");
    plan(&mut s, mishap, grade.0);
    carry_out(&mut s, mishap, measure);
    s.end()
}

fn discover(s: &mut Script, mishap: Option<Mishap>, grade: Grade) {
    let found = s.now;
    s.act("discovered", SITE_PERSONNEL);
    let criterion = s.rng.pick(&["dimension", "surface", "performance"]);
    match criterion {
        "dimension" => {
            let deviation = Decimal::new(s.rng.between(55, 140), 1);
            s.act("dimension_measured", SITE_PERSONNEL).with("deviation", deviation).with("tolerance", Decimal::from(5));
        }
        "surface" => {
            let defect = s.rng.pick(&["crack", "hole", "deformation", "other"]);
            s.act("surface_defect_found", SITE_PERSONNEL).with("defect", defect);
        }
        _ => {
            let result = Decimal::new(s.rng.between(220, 295), 1);
            s.act("performance_tested", SITE_PERSONNEL)
                .with("indicator", "compressive strength")
                .with("result", result)
                .with("required", Decimal::from(30));
        }
    }
    if mishap == Some(Mishap::StoppedLate) {
        s.wait(40, 70);
    } else {
        s.wait(2, 25);
    }
    s.act("work_stopped", SITE_PERSONNEL);
    let late = mishap == Some(Mishap::ReportedLate);
    s.wait(if late { 140 } else { 5 }, if late { 400 } else { 45 });
    let place = s.rng.pick(&["yard 2", "block 5, floor 3", "block 7, floor 11", "casting hall"]);
    let model = s.rng.pick(&["DBS-67", "YWB-3612", "PCQ-240", "LT-28"]);
    s.act("reported", SITE_PERSONNEL)
        .with("occurred_at", time_text(found))
        .with_if(mishap != Some(Mishap::NoPlace), "place", place)
        .with("component_model", model)
        .with("problem_description", "found on inspection");
    office(s, grade.0 == "critical");
    s.work(10, 150);
    s.act("classified", INVESTIGATION_TEAM).with("criterion", criterion);
    let (_, safety, function, needed) =
        if mishap == Some(Mishap::WrongGrade) { if grade.0 == "general" { SEVERE } else { GENERAL } } else { grade };
    s.work(5, 100);
    s.act("graded", INVESTIGATION_TEAM)
        .with("grade", grade.0)
        .with("safety_effect", safety)
        .with("function_effect", function)
        .with("measure_needed", needed);
    let engineers = if mishap == Some(Mishap::NoEngineers) { 0 } else { s.rng.between(1, 4) };
    s.work(5, 100);
    s.act("team_formed", AFTER_SALES_DEPARTMENT).with("engineers", engineers);
}

/// What other documents ask of a reported problem, beside the story: a form, an analysis by the quality department, and of a critical
/// one the way up in writing, its cause, and measures that are verified.
fn office(s: &mut Script, critical: bool) {
    let here = s.now;
    s.wait(5, 60);
    s.act("form_filled", AFTER_SALES_DEPARTMENT);
    if critical {
        s.act("reported_to_superior", SITE_PERSONNEL).with("written", true);
        s.act("passed_on", SITE_PERSONNEL).with("department", "technical-quality-department").with("written", true);
    }
    s.work(60, 2 * WORK);
    s.act("analysed", QUALITY_DEPARTMENT);
    if critical {
        s.act("cause_found", QUALITY_DEPARTMENT).with("cause", "formwork worn");
        s.act("responsibility_assigned", QUALITY_DEPARTMENT).with("responsible_party", "production-department");
    }
    s.work(WORK, 4 * WORK);
    s.act("measure_proposed", QUALITY_DEPARTMENT).with("corrective", "renew the formwork").with("preventive", "check it monthly");
    if critical {
        s.work(2 * WORK, 9 * WORK);
        s.act("measure_verified", QUALITY_DEPARTMENT).with("effective", true);
        s.work(WORK, 4 * WORK);
        s.act("report_submitted", QUALITY_DEPARTMENT);
    }
    s.now = here;
}

fn investigate(s: &mut Script, mishap: Option<Mishap>, general: bool) {
    let unseen = mishap == Some(Mishap::InvestigatedUnseen);
    s.work(20, 240);
    if !unseen {
        s.act("site_surveyed", INVESTIGATION_TEAM);
        s.work(20, 100);
    }
    s.act("analysed", INVESTIGATION_TEAM);
    s.work(20, 100);
    let cause = s.rng.pick(&["formwork worn", "curing too short", "wrong mix", "lifted too early"]);
    let kind = if general { "investigated" } else { "preliminarily_investigated" };
    s.act(kind, INVESTIGATION_TEAM)
        .with("cause", cause)
        .with("extent", "one lot")
        .with("severity", if general { "slight" } else { "grave" })
        .with_if(general, "recommendations", "repair and check the lot");
    if !general {
        s.work(10, 240);
        s.act("reported_to_superior", INVESTIGATION_TEAM);
        s.work(60, WORK);
        s.act("experts_consulted", INVESTIGATION_TEAM);
    }
}

fn plan(s: &mut Script, mishap: Option<Mishap>, grade: &str) {
    if mishap == Some(Mishap::PlanLate) {
        s.work(6 * WORK, 8 * WORK);
    } else {
        s.work(100, 2 * WORK);
    }
    let person = s.person(REPAIR_TECHNICIAN);
    s.act("plan_proposed", TECHNICAL_ENGINEER)
        .with("measures", "inject resin and test")
        .with("handling_time", "ten days")
        .with("person_responsible", person)
        .with_if(grade != "general", "attachments", ["detailed-plan"].as_slice());
    let chain = [AFTER_SALES_HEAD, COMPANY_LEAD, GENERAL_MANAGER];
    let steps = if grade == "critical" { 3 } else { 2 };
    // Unapproved: the last of the chain is not waited for.
    let heard = if mishap == Some(Mishap::Unapproved) { steps - 1 } else { steps };
    for role in chain.into_iter().take(heard) {
        s.work(20, 400);
        s.act("approved", role);
    }
    s.work(20, 300);
    s.act("plan_executed", REPAIR_TECHNICIAN);
    if heard < steps && s.rng.chance(30) {
        s.work(60, 600);
        s.act("implementation_halted", AFTER_SALES_HEAD);
    }
}

fn carry_out(s: &mut Script, mishap: Option<Mishap>, measure: &str) {
    let mut left = s.rng.between(1, 3);
    if mishap == Some(Mishap::NoProgress) {
        s.work(5 * WORK, 8 * WORK);
        left = 0;
    }
    for step in 0..left {
        s.work(WORK, 2 * WORK);
        s.act("progress_recorded", AFTER_SALES_DEPARTMENT);
        if step == 0 && s.rng.chance(15) {
            s.act("hitch_met", REPAIR_TECHNICIAN).with("problem", "crane not free");
            s.work(60, WORK);
            s.act("hitch_settled", AFTER_SALES_DEPARTMENT).with("problem", "crane not free");
        }
    }
    let done = if mishap != Some(Mishap::OtherMeasure) {
        measure
    } else if measure == "repair" {
        "rectification"
    } else {
        "repair"
    };
    s.work(60, WORK);
    s.act("work_done", REPAIR_TECHNICIAN).with("measure", done);
    s.work(10, 100);
    s.act("handling_finished", REPAIR_TECHNICIAN);
    if mishap == Some(Mishap::VerifiedLate) {
        s.work(5 * WORK, 7 * WORK);
    } else {
        s.work(60, 2 * WORK);
    }
    s.act("verified", AFTER_SALES_DEPARTMENT).with("passed", true);
    let verified = s.now;
    let untold = mishap == Some(Mishap::CustomerNotTold);
    s.work(if untold { 4 * WORK } else { 30 }, if untold { 8 * WORK } else { WORK });
    s.act("customer_told", AFTER_SALES_DEPARTMENT);
    s.now = verified;
    s.work(100, 3 * WORK);
    s.act("handling_report_written", AFTER_SALES_DEPARTMENT);
    s.work(30, WORK);
    s.act("report_filed", AFTER_SALES_DEPARTMENT);
    s.work(30, 300);
    s.act("closed", AFTER_SALES_DEPARTMENT);
}
