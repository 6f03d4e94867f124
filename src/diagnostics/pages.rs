//! The long story of each code: docs/errors, in the binary.

/// A page of docs/errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// `E0202`
    pub code: &'static str,
    /// The page, in Markdown.
    pub text: &'static str,
}

impl Page {
    /// What its first heading says, the code left out.
    pub fn title(&self) -> &'static str {
        let heading = self.text.lines().find_map(|it| it.strip_prefix("# "));
        let title = heading.unwrap_or_default().trim();
        let title = title.strip_prefix(self.code).unwrap_or(title);
        title.trim_start_matches([':', ' ', '–', '—', '-'])
    }
}

/// The pages of these codes, in order; tests/tidy.rs sees to it that all are there.
macro_rules! pages {
    ($($code:literal)*) => {
        &[$(Page { code: $code, text: include_str!(concat!("../../docs/errors/", $code, ".md")) }),*]
    };
}

/// All pages, in the order of their codes.
pub const fn pages() -> &'static [Page] {
    pages![
        "E0101" "E0102" "E0103" "E0104" "E0105" "E0106" "E0107" "E0108"
        "E0109" "E0110" "E0111" "E0112" "E0113" "E0114" "E0115" "E0116"
        "E0117" "E0118" "E0120" "E0121" "E0123" "E0124" "E0125" "E0126" "E0201"
        "E0202" "E0203" "E0204" "E0205" "E0206" "E0207" "E0208" "E0210"
        "E0211" "E0212" "E0213" "E0214" "E0215" "E0216" "E0217" "E0218" "E0219" "E0220" "E0221" "E0222" "E0225" "E0301" "E0302"
        "E0303" "E0304" "E0305" "E0306" "E0307" "E0308" "E0309" "E0310"
        "E0311" "E0312" "E0313" "E0314" "E0315" "E0316" "E0323" "E0401" "E0402" "E0403" "E0404" "E0405" "E0406"
        "E0407" "E0408" "E0409" "E0410" "E0411" "E0412" "E0413" "E0414"
        "E0415" "E0416" "E0417" "E0418" "E0419" "E0420" "E0421" "E0422"
        "E0423" "E0424" "E0425" "E0430" "E0431" "E0432" "E0434" "E0435" "E0501"
        "E0502" "E0503" "E0504" "E0505" "E0506" "E0507" "E0510" "E0511" "E0512" "E0513"
        "E0601" "E0602" "E0603" "E0604" "E0605" "E0606" "E0607" "E0608"
        "E0609" "E0610" "E0611" "E0612" "E0613" "E0614" "E0615" "E0616" "E0617" "E0701" "E0801"
        "E0802" "E0803" "E0804" "E0805" "E0806" "W0001" "W0002" "W0003"
        "W0004" "W0005" "W0006" "W0007" "W0008" "W0009" "W0016" "W0017"
    ]
}
