//! What a sentence takes, shown while its options are written.

use super::places::ProtocolPlaces;
use super::server::{Answered, Server};
use gen_lsp_types::{
    ParameterInformation, SignatureHelp, SignatureHelpParams, SignatureInformation,
};
use relata::ide;
use std::io::Write;

/// `textDocument/signatureHelp`
pub(super) fn help<W: Write>(
    server: &mut Server<'_, W>,
    params: &SignatureHelpParams,
) -> Answered<Option<SignatureHelp>> {
    let at = &params.text_document_position_params;
    let unit = server.client.unit;
    let asked = server.latest(&at.text_document.uri)?;
    let offset = ProtocolPlaces::new(asked.project, unit).offset(asked.source, at.position);
    let known = ide::Declarations { schema: asked.schema(), variables: &[] };
    let script = asked.script();
    let found = script.and_then(|it| ide::signature_in(it, asked.source, offset, known));
    let Some(found) = found else {
        return Ok(None);
    };
    let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    let parameters = found.parameters.iter().map(|it| ParameterInformation {
        label: it.label.clone().into(),
        documentation: Some(it.summary.to_owned().into()),
    });
    let signature = SignatureInformation {
        parameters: Some(parameters.collect()),
        label: found.label,
        documentation: Some(found.summary.to_owned().into()),
        active_parameter: found.active.map(|it| number(it).into()),
    };
    let active_parameter = found.active.map(|it| number(it).into());
    Ok(Some(SignatureHelp {
        signatures: vec![signature],
        active_signature: Some(0),
        active_parameter,
    }))
}
