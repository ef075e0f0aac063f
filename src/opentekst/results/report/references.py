"""The sources of the methods, ready for a publication: as text and as BibTeX."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_TEX = str.maketrans(
    {"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "ä": r'{\"a}', "ö": r'{\"o}', "è": r"{\`e}",
     "é": r"{\'e}", "’": "'", "–": "--"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One entry: `authors` as "Family, G.", `within` the journal, book or publisher.

    `where` holds volume, issue and pages in the order (volume, number, pages); `link` is a DOI
    ("10.…"), an arXiv number ("arXiv:…") or an address.
    """

    kind: str
    authors: tuple[str, ...]
    year: str
    title: str
    within: str = ""
    where: tuple[str, str, str] = ("", "", "")
    link: str = ""


SOURCES: dict[str, Source] = {
    "angelopoulos2023": Source(
        "article",
        ("Angelopoulos, A. N.", "Bates, S.", "Fannjiang, C.", "Jordan, M. I.", "Zrnic, T."),
        "2023", "Prediction-powered inference", "Science", ("382", "6671", "669–674"),
        "10.1126/science.adi6000",
    ),
    "angelopoulos2023ppi": Source(
        "misc", ("Angelopoulos, A. N.", "Duchi, J. C.", "Zrnic, T."), "2023",
        "PPI++: Efficient prediction-powered inference", link="arXiv:2311.01453",
    ),
    "bilder2000": Source(
        "article", ("Bilder, C. R.", "Loughin, T. M.", "Nettleton, D."), "2000",
        "Multiple marginal independence testing for pick any/C variables",
        "Communications in Statistics – Simulation and Computation", ("29", "4", "1285–1316"),
    ),
    "bouma2017": Source(
        "inproceedings", ("Bouma, G.", "van Noord, G."), "2017",
        "Increasing return on annotation investment: the automatic construction of a Universal"
        " Dependency treebank for Dutch",
        "Proceedings of the NoDaLiDa 2017 Workshop on Universal Dependencies", ("", "", "19–26"),
    ),
    "brown2001": Source(
        "article", ("Brown, L. D.", "Cai, T. T.", "DasGupta, A."), "2001",
        "Interval estimation for a binomial proportion", "Statistical Science",
        ("16", "2", "101–133"), "10.1214/ss/1009213286",
    ),
    "campello2013": Source(
        "inproceedings", ("Campello, R. J. G. B.", "Moulavi, D.", "Sander, J."), "2013",
        "Density-based clustering based on hierarchical density estimates",
        "Advances in Knowledge Discovery and Data Mining (PAKDD)", ("", "", "160–172"),
        "10.1007/978-3-642-37456-2_14",
    ),
    "church1974": Source(
        "article", ("Church, R.", "ReVelle, C."), "1974",
        "The maximal covering location problem",
        "Papers of the Regional Science Association", ("32", "1", "101–118"),
    ),
    "egami2023": Source(
        "inproceedings", ("Egami, N.", "Hinck, M.", "Stewart, B. M.", "Wei, H."), "2023",
        "Using imperfect surrogates for downstream inference: design-based supervised learning for"
        " social science applications of large language models",
        "Advances in Neural Information Processing Systems 36", link="arXiv:2306.04746",
    ),
    "ericson1969": Source(
        "article", ("Ericson, W. A.",), "1969",
        "Subjective Bayesian models in sampling finite populations",
        "Journal of the Royal Statistical Society, Series B", ("31", "2", "195–233"),
    ),
    "fischetti2001": Source(
        "article", ("Fischetti, M.", "Salazar, J. J."), "2001",
        "Solving the cell suppression problem on tabular data with linear constraints",
        "Management Science", ("47", "7", "1008–1027"),
    ),
    "fred2005": Source(
        "article", ("Fred, A. L. N.", "Jain, A. K."), "2005",
        "Combining multiple clusterings using evidence accumulation",
        "IEEE Transactions on Pattern Analysis and Machine Intelligence", ("27", "6", "835–850"),
        "10.1109/TPAMI.2005.113",
    ),
    "grootendorst2022": Source(
        "misc", ("Grootendorst, M.",), "2022",
        "BERTopic: Neural topic modeling with a class-based TF-IDF procedure",
        link="arXiv:2203.05794",
    ),
    "holm1979": Source(
        "article", ("Holm, S.",), "1979", "A simple sequentially rejective multiple test procedure",
        "Scandinavian Journal of Statistics", ("6", "2", "65–70"),
    ),
    "holt1979": Source(
        "article", ("Holt, D.", "Smith, T. M. F."), "1979", "Post stratification",
        "Journal of the Royal Statistical Society, Series A", ("142", "1", "33–46"),
    ),
    "honnibal2020": Source(
        "misc", ("Honnibal, M.", "Montani, I.", "Van Landeghem, S.", "Boyd, A."), "2020",
        "spaCy: Industrial-strength natural language processing in Python",
        link="10.5281/zenodo.1212303",
    ),
    "kelly1992": Source(
        "article", ("Kelly, J. P.", "Golden, B. L.", "Assad, A. A."), "1992",
        "Cell suppression: disclosure protection for sensitive tabular data", "Networks",
        ("22", "4", "397–417"),
    ),
    "kish1965": Source("book", ("Kish, L.",), "1965", "Survey sampling", "Wiley"),
    "krippendorff2011": Source(
        "misc", ("Krippendorff, K.",), "2011", "Computing Krippendorff’s alpha-reliability",
        "University of Pennsylvania, Annenberg School for Communication",
    ),
    "krippendorff2018": Source(
        "book", ("Krippendorff, K.",), "2018",
        "Content analysis: An introduction to its methodology (4th ed.)", "Sage",
    ),
    "mcinnes2018": Source(
        "misc", ("McInnes, L.", "Healy, J.", "Melville, J."), "2018",
        "UMAP: Uniform manifold approximation and projection for dimension reduction",
        link="arXiv:1802.03426",
    ),
    "ohlsson1995": Source(
        "incollection", ("Ohlsson, E.",), "1995",
        "Coordination of samples using permanent random numbers", "Business Survey Methods, Wiley",
    ),
    "passonneau2006": Source(
        "inproceedings", ("Passonneau, R.",), "2006",
        "Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation",
        "Proceedings of LREC 2006",
    ),
    "pedregosa2011": Source(
        "article", ("Pedregosa, F.", "Varoquaux, G.", "Gramfort, A.", "others"), "2011",
        "Scikit-learn: Machine learning in Python", "Journal of Machine Learning Research",
        ("12", "", "2825–2830"),
    ),
    "raoscott1981": Source(
        "article", ("Rao, J. N. K.", "Scott, A. J."), "1981",
        "The analysis of categorical data from complex sample surveys: chi-squared tests for"
        " goodness of fit and independence in two-way tables",
        "Journal of the American Statistical Association", ("76", "374", "221–230"),
        "10.1080/01621459.1981.10477633",
    ),
    "raoscott1984": Source(
        "article", ("Rao, J. N. K.", "Scott, A. J."), "1984",
        "On chi-squared tests for multiway contingency tables with cell proportions estimated from"
        " survey data",
        "The Annals of Statistics", ("12", "1", "46–60"), "10.1214/aos/1176346391",
    ),
    "sarndal1992": Source(
        "book", ("Särndal, C.-E.", "Swensson, B.", "Wretman, J."), "1992",
        "Model assisted survey sampling", "Springer",
    ),
    "schonlau2016": Source(
        "article", ("Schonlau, M.", "Couper, M. P."), "2016",
        "Semi-automated categorization of open-ended questions", "Survey Research Methods",
        ("10", "2", "143–152"), "10.18148/srm/2016.v10i2.6213",
    ),
    "wang2024": Source(
        "misc", ("Wang, L.", "Yang, N.", "Huang, X.", "others"), "2024",
        "Multilingual E5 text embeddings: A technical report", link="arXiv:2402.05672",
    ),
    "wolpert1992": Source(
        "article", ("Wolpert, D. H.",), "1992", "Stacked generalization", "Neural Networks",
        ("5", "2", "241–259"), "10.1016/S0893-6080(05)80023-1",
    ),
    "yang2020": Source(
        "inproceedings", ("Yang, Y.", "Cer, D.", "Ahmad, A.", "others"), "2020",
        "Multilingual universal sentence encoder for semantic retrieval",
        "Proceedings of ACL 2020: System Demonstrations", ("", "", "87–94"),
        "10.18653/v1/2020.acl-demos.12",
    ),
    "zapf2016": Source(
        "article", ("Zapf, A.", "Castell, S.", "Morawietz, L.", "Karch, A."), "2016",
        "Measuring inter-rater reliability for nominal data – which coefficients and confidence"
        " intervals are appropriate?",
        "BMC Medical Research Methodology", ("16", "", "93"), "10.1186/s12874-016-0200-9",
    ),
    "zrnic2024": Source(
        "article", ("Zrnic, T.", "Candès, E. J."), "2024", "Cross-prediction-powered inference",
        "Proceedings of the National Academy of Sciences", ("121", "15", "e2322083121"),
        "10.1073/pnas.2322083121",
    ),
}  # fmt: skip
"""By key; checked against the modules that name them."""


def ordered(keys: Iterable[str]) -> list[str]:
    """Return keys in the order of a list of sources: by first author, then year."""
    return sorted(dict.fromkeys(keys), key=lambda key: (_plain(SOURCES[key].authors[0]), key))


def _plain(name: str) -> str:
    """Return a name as it is sorted: without accents and case."""
    return unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().casefold()


def cited(keys: Iterable[str]) -> str:
    """Return keys as a reference within a text.

    >>> cited(["brown2001", "passonneau2006"])
    '(Brown, Cai & DasGupta 2001; Passonneau 2006)'
    """
    return f"({'; '.join(f'{_names(SOURCES[key])} {SOURCES[key].year}' for key in keys)})"


def _names(source: Source) -> str:
    families = [author.split(",")[0] for author in source.authors if author != "others"]
    if len(families) < len(source.authors) or len(families) > 3:
        return f"{families[0]} e.a."
    return " & ".join(filter(None, [", ".join(families[:-1]), families[-1]]))


def as_text(key: str) -> str:
    """Return an entry as a line of a list of sources.

    >>> as_text("holm1979").startswith("Holm, S. (1979). A simple sequentially")
    True
    """
    source = SOURCES[key]
    people = [author for author in source.authors if author != "others"]
    others = ", e.a." if len(people) < len(source.authors) else ""
    names = ", ".join(people[:-1]) + (" & " if people[1:] and not others else ", ")
    who = (names if people[1:] else "") + people[-1] + others
    volume, issue, pages = source.where
    place = [source.within, f"{volume}({issue})" if issue else volume, pages]
    end = address(source.link) or ""
    said = [f"{who} ({source.year}). {source.title}", ", ".join(filter(None, place)), end]
    return ". ".join(part.rstrip(".") for part in said if part) + ("" if end else ".")


def address(link: str) -> str:
    """Return the address of a DOI or an arXiv number."""
    if link.startswith("10."):
        return f"https://doi.org/{link}"
    return f"https://arxiv.org/abs/{link.removeprefix('arXiv:')}" if link else ""


def to_bibtex(keys: Iterable[str]) -> bytes:
    """Return entries as a BibTeX file (ASCII)."""
    return "\n".join(_entry(key, SOURCES[key]) for key in ordered(keys)).encode()


def _entry(key: str, source: Source) -> str:
    within = {"article": "journal", "book": "publisher", "misc": "howpublished"}
    volume, issue, pages = source.where
    doi = source.link if source.link.startswith("10.") else ""
    fields = {
        "author": " and ".join(source.authors),
        "title": f"{{{source.title}}}",
        within.get(source.kind, "booktitle"): source.within,
        "year": source.year,
        "volume": volume,
        "number": issue,
        "pages": pages,
    }
    lines = [f"  {name} = {{{value.translate(_TEX)}}}," for name, value in fields.items() if value]
    if doi:
        lines.append(f"  doi = {{{doi}}},")
    elif source.link:
        lines.append(f"  url = {{{address(source.link)}}},")
    return "\n".join([f"@{source.kind}{{{key},", *lines, "}", ""])
