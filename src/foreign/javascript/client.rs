//! Calls of Prisma's client, said as sentences.

use super::super::draft::{name, options};
use super::client_query::query;
use super::names::Names;
use super::nested;
use super::value::JsValue;

/// `prisma.user.findMany({ where: {..} })`: nothing where it can't be said.
pub(super) fn rows(
    names: &Names,
    subject: &str,
    method: &str,
    argument: Option<&JsValue>,
    variable: Option<&str>,
) -> Option<String> {
    let own = |said: String| match variable {
        Some(it) => format!("let {} = {said}", name(it)),
        None => said,
    };
    let nothing = JsValue::Object(Vec::new());
    let asked = argument.unwrap_or(&nothing);
    // what a variable holds isn't known
    if !matches!(asked, JsValue::Object(_)) {
        return None;
    }
    let without = |keys: &[&str]| {
        let kept = asked.members().iter().filter(|it| !keys.contains(&it.0.as_str()));
        query(&JsValue::Object(kept.cloned().collect()), names)
    };
    let is_nested = |it: &(String, JsValue)| matches!(it.1, JsValue::Object(_));
    let data = || asked.member("data");
    let rows = || -> Option<Vec<String>> {
        data()?.items().iter().map(|it| nested::row(it, names)).collect()
    };
    let which = || {
        let mut said = without(&["data", "select", "include"])?;
        if said.is_empty() {
            method.ends_with("Many").then_some(())?;
            said.push("all".to_owned());
        }
        Some(options(&said))
    };
    let is_changed = |it: &JsValue| it.members().iter().any(is_nested);
    match method {
        "upsert" => return nested::upsert(names, subject, asked, variable),
        "update" if variable.is_some() || data().is_some_and(is_changed) => {
            return nested::update(names, subject, asked.member("where")?, data()?, variable);
        }
        "delete" if let Some(it) = variable => {
            let which = which()?;
            let found = format!("let {} = {subject} findOne{which}", name(it));
            return Some(format!("{found}\n{subject} destroy{which}"));
        }
        "updateMany" if data().is_some_and(is_changed) => {
            let all = JsValue::Object(Vec::new());
            let which = asked.member("where").filter(|it| **it != all)?;
            return nested::update(names, subject, which, data()?, variable);
        }
        _ => {}
    }
    Some(own(match method {
        "findMany" => format!("{subject} findAll{}", options(&without(&[])?)),
        "findFirst" | "findUnique" | "findFirstOrThrow" | "findUniqueOrThrow" => {
            format!("{subject} findOne{}", options(&without(&[])?))
        }
        "count" => format!("{subject} count{}", options(&without(&[])?)),
        "create" => format!("{subject} create {}", nested::row(data()?, names)?),
        "aggregate" => nested::aggregate(names, subject, asked)?,
        "groupBy" => nested::grouped(names, subject, asked)?,
        "createMany" => {
            let ignore = asked.member("skipDuplicates").is_some_and(|it| it.is("true"));
            let said = if ignore { " < ignoreDuplicates >" } else { "" };
            format!("{subject} bulkCreate [{}]{said}", rows()?.join(", "))
        }
        "update" | "updateMany" => {
            format!("{subject} update {}{}", names.row(data()?)?, which()?)
        }
        "delete" | "deleteMany" => format!("{subject} destroy{}", which()?),
        _ => return None,
    }))
}
