//! The people of the sample company, by the roles that the bundled policies declare.

use super::{lives::book, rng::Rng};

/// A role and those who hold it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Role {
    /// The role, as policies name it.
    pub(super) name: &'static str,
    /// Who holds it.
    pub(super) people: &'static [&'static str],
}

macro_rules! roles {
    ($($constant:ident = $name:literal: $($person:literal),+;)+) => {
        $(pub(super) const $constant: Role = Role { name: $name, people: &[$($person),+] };)+

        const ALL: &[Role] = &[$($constant),+];
    };
}

// Nobody bears two roles that have to check each other, so that `separation` is broken only on purpose.
roles! {
    GENERAL_MANAGER = "general-manager": "Gao Jianguo";
    DEPUTY_GENERAL_MANAGER = "deputy-general-manager": "Shen Yuping";
    COMPANY_LEAD = "company-lead": "Tang Weimin";
    COMPANY = "company": "Qian Lihua", "Shen Yuping";
    BRANCH_MANAGER = "branch-manager": "Pan Guoqiang", "Ye Shulan";
    DEPARTMENT_HEAD = "department-head": "Zhou Haitao";
    TECHNICAL_DEPARTMENT = "technical-department": "Zhou Haitao", "Feng Jing";
    MAINTENANCE_ENGINEER = "maintenance-engineer": "Wang Lei", "Li Qiang", "Chen Gang", "Liu Bo", "Zhao Peng", "Sun Tao";
    CALL_TAKER = "call-taker": "He Xiaoyan", "Xu Min", "Jiang Ping";
    AFTER_SALES_HEAD = "after-sales-head": "Han Zhiyuan";
    AFTER_SALES_DEPARTMENT = "after-sales-department": "Han Zhiyuan", "Deng Fang", "Cao Rui";
    AFTER_SALES_STAFF = "after-sales-staff": "Cao Rui", "Peng Xue", "Zeng Hao", "Xiao Ting", "Tian Yu";
    CUSTOMER_SERVICE = "customer-service": "Ning Jing", "Rao Meng", "Shu Lina";
    INFORMATION_DESK = "information-desk": "Lou Xin", "Ba Yang";
    BUSINESS_HANDLER = "business-handler": "Mei Fen", "Tong Rui";
    BUSINESS_MANAGER = "business-manager": "Shan Guowei";
    INSPECTOR = "inspector": "Bi Kai", "Cha Rong";
    QUALITY_DEPARTMENT = "quality-department": "Yan Shuzhen", "Bi Kai";
    CLERK = "clerk": "Lin Na", "Song Yue", "Xie Dan";
    SUPERVISOR = "supervisor": "Dong Jianhua", "Yu Chunmei";
    SERVICE_DIRECTOR = "service-director": "Fan Zhenhua";
    TECHNICIAN = "technician": "Hu Jun", "Guo Liang", "Ma Chao", "Luo Yong", "Liang Wei", "Tang Kai", "Wei Dong";
    ACCOUNTANT = "accountant": "Jin Qiuyun", "Shi Lan";
    SERVICE_UNIT = "service-unit": "Pan Guoqiang", "Fan Zhenhua";
    SERVICE_DEPARTMENT = "service-department": "Du Wenbin", "Ding Hui";
    TECHNICAL_ENGINEER = "technical-engineer": "Yao Zhigang", "Lu Xin";
    REPAIR_TECHNICIAN = "repair-technician": "Cui Dawei", "Jia Fei", "Xia Hongbo", "Zou Ming";
    INVESTIGATION_TEAM = "investigation-team": "Yao Zhigang", "Bai Xuefeng", "Kong Lijun";
    SITE_PERSONNEL = "site-personnel": "Mao Dehua", "Qin Long", "Shao Jie", "Wan Fugui";
    PURCHASER = "purchaser": "Gu Meiling", "Hou Yun";
    WAREHOUSE_KEEPER = "warehouse-keeper": "Long Changshun", "Meng Cuihua", "Duan Bin";
    FINANCE_DEPARTMENT = "finance-department": "Lei Suzhen", "Qiu Yan";
}

/// Every role of the bundled policies with those who hold it, for the sample workspace.
#[must_use]
pub fn people() -> Vec<(&'static str, Vec<&'static str>)> {
    let more = book().people.iter().map(|(role, people)| (role.as_str(), people.iter().map(String::as_str).collect()));
    ALL.iter().map(|role| (role.name, role.people.to_vec())).chain(more).collect()
}

/// Who of a role takes part in a case with these faces; empty for a role that nobody holds.
pub(super) fn holder(role: &str, faces: u64) -> &'static str {
    fn of<T>(people: &[T], faces: u64) -> Option<&T> {
        let count = u64::try_from(people.len()).unwrap_or(1).max(1);
        people.get(usize::try_from(faces % count).unwrap_or(0))
    }
    if let Some(known) = ALL.iter().find(|known| known.name == role) {
        return of(known.people, faces).copied().unwrap_or_default();
    }
    let more = book().people.iter().find(|(name, _)| name == role);
    more.and_then(|(_, people)| of(people, faces)).map_or("", String::as_str)
}

/// A customer, as a firm or a private name.
pub(super) fn customer(rng: &mut Rng) -> &'static str {
    rng.pick(&[
        "Jinhua Hotel",
        "Dongfang Bank, Renmin Road branch",
        "No. 2 People's Hospital",
        "Hongda Plastics",
        "Mr Zhu Yong",
        "Ms Wu Aiping",
        "Xinyue Cinema",
        "Lianhe Logistics",
        "Yucai Middle School",
        "Ms Fang Qin",
        "Changjiang Textiles",
        "Mr Jiang Hai",
    ])
}

/// A street address.
pub(super) fn address(rng: &mut Rng) -> String {
    let street = rng.pick(&["Renmin Road", "Zhongshan Road", "Jianshe Street", "Huaihai Road", "Xinhua Lane", "Gongye Avenue"]);
    format!("{} {street}", rng.between(1, 480))
}

/// A telephone number.
pub(super) fn telephone(rng: &mut Rng) -> String {
    format!("13{:09}", rng.between(0, 999_999_999))
}
