//! `relata explain`, `relata help`: the long story of a code, a verb or a command.

use crate::cli::{Cli, ExplainArgs, HelpArgs};
use crate::output::{Exit, Output};
use clap::CommandFactory;
use relata::diagnostics::pages;
use relata::verbs;
use relata::words::nearest;

pub(crate) fn run(arguments: &ExplainArgs, output: &mut Output) -> Exit {
    let Some(written) = &arguments.topic else {
        for page in pages() {
            output.line(&format!("{}  {}", page.code, page.title()));
        }
        output.line("");
        for verb in verbs::all().map(verbs::Verb::facts) {
            output.line(&format!("{}  {}", verb.name, verb.summary));
        }
        return Exit::Done;
    };
    if let Some(text) = page(written) {
        output.page(text);
        return Exit::Done;
    }
    let help = match near(written) {
        Some(near) => format!("did you mean `{near}`? `relata explain` lists all codes and verbs"),
        None => "`relata explain` lists all codes and verbs".to_owned(),
    };
    output.usage(&format!("there is no code and no verb `{written}`"), Some(&help))
}

/// `relata help`: of a command, of a verb, of a code.
pub(crate) fn help(arguments: &HelpArgs, output: &mut Output) -> Exit {
    let mut all = Cli::command();
    let Some(topic) = &arguments.topic else {
        output.line(all.render_long_help().to_string().trim_end());
        return Exit::Done;
    };
    // With its name as it is called, `relata run`.
    all.build();
    if let Some(command) = all.find_subcommand_mut(topic) {
        output.line(command.render_long_help().to_string().trim_end());
        return Exit::Done;
    }
    if page(topic).is_some() {
        return run(&ExplainArgs { topic: Some(topic.clone()) }, output);
    }
    let commands = all.get_subcommands().map(clap::Command::get_name);
    let help = match nearest(topic, commands).or_else(|| near(topic)) {
        Some(near) => format!(
            "did you mean `{near}`? `relata help` lists the commands, `relata explain` all codes and verbs"
        ),
        None => "`relata help` lists the commands, `relata explain` all codes and verbs".to_owned(),
    };
    output.usage(&format!("there is no command, no code and no verb `{topic}`"), Some(&help))
}

/// The page of a code, in any letter case, or of a verb, also where another language has another word for it.
pub(crate) fn page(topic: &str) -> Option<&'static str> {
    let topic = topic.trim();
    let code = topic.to_ascii_uppercase();
    if let Some(page) = pages().iter().find(|it| it.code == code) {
        return Some(page.text);
    }
    let own = |name: &str| verbs::page_names().find(|it| it.eq_ignore_ascii_case(name));
    let others = || {
        let verb = [false, true].into_iter().find_map(|it| verbs::verb_of_others(topic, it));
        verb.map(verbs::Verb::name)
    };
    let name = own(topic).or_else(others)?;
    verbs::page(name)
}

/// The code or the verb that was meant, perhaps.
pub(crate) fn near(topic: &str) -> Option<&'static str> {
    let codes = pages().iter().map(|it| it.code);
    nearest(&topic.to_ascii_uppercase(), codes).or_else(|| nearest(topic, verbs::page_names()))
}
