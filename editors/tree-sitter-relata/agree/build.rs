//! Compiles the generated parser and its scanner.

fn main() {
    let files = ["../src/parser.c", "../src/scanner.c"];
    cc::Build::new().include("../src").files(files).warnings(false).compile("relata_grammar");
    for it in files {
        println!("cargo::rerun-if-changed={it}");
    }
}
