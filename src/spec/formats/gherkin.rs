//! Gherkin `.feature`: feature, rule, background and scenario (with its examples) are clauses.
//!
//! Steps are words like any other, so the adapter needs no step keywords, only those that begin a clause. The table below holds the
//! languages most files are written in, all at once (no word of one begins a clause of another sort elsewhere); a file without any
//! of them is read by shape: `Words: title` lines, where the first is the feature and one before a table holds examples.

use std::ops::Range;

use super::super::clause::{Breed, Draft, Kind};
use super::super::token::{TokenBuilder, Tokens, kind};
use super::lines::{self, dedent, indent, is_blank};

/// From this many bytes on, a column's header is cut in the mark of its cells: it is repeated for each row.
const LONGEST_HEADER: usize = 120;

/// No keyword has more bytes; most text before a colon has.
const LONGEST_KEYWORD: usize = 64;

/// What a keyword begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Feature,
    Rule,
    Background,
    Scenario,
    Examples,
}

/// Keywords by what they begin, between bars: en, de, fr, es, it, pt, nl, sv, da, pl, cs, ru, uk, tr, zh, ja, ko.
const KEYWORDS: [(Part, &str); 5] = [
    (
        Part::Feature,
        "|Feature|Business Need|Ability|Funktionalität|Funktion|Fonctionnalité|Característica|Necesidad del negocio|Requisito\
         |Funzionalità|Esigenza di Business|Abilità|Funcionalidade|Caracteristica|Functionaliteit|Egenskap|Egenskab|Właściwość\
         |Funkcja|Aspekt|Potrzeba biznesowa|Požadavek|Функция|Функциональность|Функционал|Свойство|Функціонал|Özellik|功能|機能|기능|",
    ),
    (Part::Rule, "|Rule|Regel|Règle|Regla|Regola|Regra|Zasada|Reguła|Pravidlo|Правило|Kural|规则|ルール|규칙|"),
    (
        Part::Background,
        "|Background|Grundlage|Hintergrund|Voraussetzungen|Vorbedingungen|Contexte|Antecedentes|Contesto|Contexto\
         |Cenário de Fundo|Cenario de Fundo|Fundo|Achtergrond|Bakgrund|Baggrund|Założenia|Pozadí|Kontext|Предыстория|Контекст\
         |Передумова|Geçmiş|背景|배경|",
    ),
    (
        Part::Scenario,
        "|Scenario|Scenario Outline|Scenario Template|Example|Szenario|Beispiel|Szenariogrundriss|Szenarien|Scénario|Exemple\
         |Plan du scénario|Plan du Scénario|Escenario|Ejemplo|Esquema del escenario|Esempio|Schema dello scenario|Cenário\
         |Cenario|Exemplo|Esquema do Cenário|Esquema do Cenario|Delineação do Cenário|Delineacao do Cenario|Voorbeeld\
         |Abstract Scenario|Abstrakt Scenario|Scenarij|Scenariomall|Scenariusz|Przykład|Szablon scenariusza|Scénář|Příklad\
         |Náčrt Scénáře|Osnova scénáře|Сценарий|Пример|Структура сценария|Шаблон сценария|Сценарій|Приклад|Структура сценарію\
         |Senaryo|Örnek|Senaryo taslağı|场景|剧本|场景大纲|剧本大纲|シナリオ|シナリオアウトライン|シナリオテンプレート|テンプレ|시나리오|시나리오 개요|",
    ),
    (
        Part::Examples,
        "|Examples|Scenarios|Beispiele|Exemples|Ejemplos|Esempi|Exemplos|Cenários|Cenarios|Voorbeelden|Exempel|Eksempler\
         |Przykłady|Příklady|Примеры|Приклади|Örnekler|例子|例|サンプル|예|",
    ),
];

/// One draft per feature, rule, background and scenario, in order.
pub fn drafts(text: &str) -> Vec<Draft> {
    let lines = lines::split(text);
    let mut starts = starts(&lines, |_, line| keyword(line));
    if !starts.iter().any(|start| start.part != Part::Examples) {
        starts = by_shape(&lines);
    }
    if starts.is_empty() {
        return super::paragraphs::drafts(text);
    }
    let mut drafts = Vec::new();
    let mut at = 0;
    let mut in_rule = false;
    while at < starts.len() {
        // examples belong to their scenario; stray ones at the top of a file make one
        let count = 1 + starts[at + 1..].iter().take_while(|start| start.part == Part::Examples).count();
        let from = if at == 0 { 0 } else { starts[at].from };
        let to = starts.get(at + count).map_or(lines.len(), |next| next.from);
        in_rule = starts[at].part == Part::Rule || (in_rule && starts[at].part != Part::Feature);
        let level = match starts[at].part {
            Part::Feature => 1,
            Part::Rule => 2,
            _ => 2 + u8::from(in_rule),
        };
        drafts.push(clause(&lines, from..to, &starts[at..at + count], level));
        at += count;
    }
    drafts
}

/// A line with a keyword, and where the tags above it begin.
struct Start<'a> {
    part: Part,
    from: usize,
    line: usize,
    title: &'a str,
}

/// The lines that begin something, as `read` tells (given the number and text of lines outside doc strings).
fn starts<'a>(lines: &[&'a str], mut read: impl FnMut(usize, &'a str) -> Option<(Part, &'a str)>) -> Vec<Start<'a>> {
    let mut starts = Vec::new();
    let mut tags: Option<usize> = None;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim();
        if let Some(end) = doc_string_end(lines, at) {
            at = end;
            tags = None;
            continue;
        }
        if line.starts_with('@') {
            tags = tags.or(Some(at));
        } else if let Some((part, title)) = read(at, line) {
            starts.push(Start { part, from: tags.take().unwrap_or(at), line: at, title });
        } else if !line.is_empty() && !line.starts_with('#') {
            tags = None;
        }
        at += 1;
    }
    starts
}

/// The part and title of a line that begins with a known keyword.
fn keyword(line: &str) -> Option<(Part, &str)> {
    let (word, title) = line.split_once([':', '：'])?;
    let word = word.trim_end();
    if word.is_empty() || word.len() > LONGEST_KEYWORD {
        return None;
    }
    let part = KEYWORDS.iter().find(|(_, words)| words.split('|').any(|known| known == word)).map(|&(part, _)| part)?;
    Some((part, title.trim()))
}

/// The starts of a file in a language that isn't in the table, by their shape alone.
fn by_shape<'a>(lines: &[&'a str]) -> Vec<Start<'a>> {
    let is_named = lines
        .iter()
        .any(|line| line.trim().strip_prefix('#').is_some_and(|rest| rest.trim_start().starts_with("language")));
    if !is_named {
        return Vec::new();
    }
    let mut precedes_table = vec![false; lines.len()];
    let mut is_table = false;
    for at in (0..lines.len()).rev() {
        precedes_table[at] = is_table;
        let line = lines[at].trim();
        if !line.is_empty() && !line.starts_with('#') {
            is_table = line.starts_with('|');
        }
    }
    let mut is_first = true;
    starts(lines, |at, line| {
        let (word, title) = line.split_once(':')?;
        let is_keyword =
            word.starts_with(char::is_alphabetic) && word.split_whitespace().count() <= 4 && !title.starts_with("//");
        if !is_keyword {
            return None;
        }
        let part = if std::mem::take(&mut is_first) {
            Part::Feature
        } else if precedes_table[at] {
            Part::Examples
        } else {
            Part::Scenario
        };
        Some((part, title.trim()))
    })
}

/// The draft of the lines `own`, begun by the first of `starts`; the others are its examples.
fn clause(lines: &[&str], own: Range<usize>, starts: &[Start<'_>], level: u8) -> Draft {
    let scenario = matches!(starts[0].part, Part::Scenario | Part::Examples);
    let mut draft = Draft::new(if scenario { Kind::Scenario } else { Kind::Section }, level);
    draft.title = Some(starts[0].title.to_owned()).filter(|title| !title.is_empty());
    let above = lines.get(own.start..starts[0].line).unwrap_or_default().iter().map(|line| line.trim());
    let says = above.filter(|line| line.starts_with('@')).flat_map(tags_on).any(says_id);
    let mut body = Body::default();
    let mut text: Vec<&str> = Vec::new();
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut at = own.start;
    while at < own.end {
        let line = lines[at].trim();
        let from = at;
        at += 1;
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with('@') {
            tags(line, from < starts[0].line, says, &mut draft);
        } else if from != starts[0].line {
            if let Some(end) = doc_string_end(lines, from) {
                at = end.min(own.end);
                body.doc_string(&lines[from..at]);
            } else {
                body.line(line);
            }
            text.extend(&lines[from..at]);
        }
        match parts.last_mut() {
            Some(last) if last.end == from => last.end = at,
            _ => parts.push(from..at),
        }
    }
    draft.spans = lines::spans(lines, &parts);
    draft.text = lines::joined(&text);
    draft.tokens = body.finish();
    draft
}

/// The tags on a line, without `@`.
fn tags_on(line: &str) -> impl Iterator<Item = &str> {
    let line = line.split(" #").next().unwrap_or(line);
    line.split_whitespace().flat_map(|word| word.split('@')).filter(|tag| !tag.is_empty())
}

/// Whether a tag says that it is an id.
fn says_id(tag: &str) -> bool {
    tag.strip_prefix("id:").is_some_and(|id| !id.is_empty())
}

/// Takes a line of tags: of the clause's own the first such as `@id:X` gives the id, else the first with a number. `own` tells
/// whether these are, `says` whether one of its own says that it is an id.
fn tags(line: &str, own: bool, says: bool, draft: &mut Draft) {
    for tag in tags_on(line) {
        match tag_id(tag).filter(|_| own && draft.id.is_none() && (!says || says_id(tag))) {
            Some(id) => {
                draft.breed = if id.ends_with(|c: char| c.is_ascii_digit()) && is_numbered(id) {
                    Breed::Ordinal
                } else {
                    Breed::Slug
                };
                draft.id = Some(id.to_owned());
            }
            None => draft.metadata.push(("tag".to_owned(), tag.to_owned())),
        }
    }
}

/// The id a tag (without `@`) stands for: `id:X`, or letters and a number with `-` or `_` between.
fn tag_id(tag: &str) -> Option<&str> {
    match tag.strip_prefix("id:") {
        Some(id) => Some(id).filter(|id| !id.is_empty()),
        None => is_numbered(tag).then_some(tag),
    }
}

fn is_numbered(tag: &str) -> bool {
    let name = tag.trim_end_matches(|c: char| c.is_ascii_digit());
    let letters = name.strip_suffix(['-', '_']).unwrap_or("");
    name.len() < tag.len()
        && letters.starts_with(char::is_alphabetic)
        && letters.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

/// The line after a doc string that begins at a line.
fn doc_string_end(lines: &[&str], at: usize) -> Option<usize> {
    let line = lines[at].trim_start();
    let mark = ["\"\"\"", "```"].into_iter().find(|mark| line.starts_with(mark))?;
    let length = lines[at + 1..].iter().take_while(|line| line.trim() != mark).count();
    Some((at + length + 2).min(lines.len()))
}

/// Words of a clause, line by line.
#[derive(Default)]
struct Body {
    tokens: TokenBuilder,
    /// The headers of the table the lines before belong to.
    headers: Option<Vec<String>>,
}

impl Body {
    fn line(&mut self, line: &str) {
        if line.starts_with('|') {
            return self.row(line);
        }
        if !is_blank(line) {
            self.headers = None;
        }
        self.tokens.text(line);
        self.tokens.word_end();
    }

    /// A table's row: its cells by their headers; the first row is the headers.
    fn row(&mut self, line: &str) {
        let cells = cells(line);
        for (column, cell) in cells.iter().enumerate() {
            let header = self.headers.as_ref().and_then(|headers| headers.get(column)).map_or("", String::as_str);
            self.tokens.literal(kind::CELL, header);
            self.tokens.text(cell);
            self.tokens.word_end();
        }
        if self.headers.is_none() {
            self.headers = Some(cells.into_iter().map(|cell| shortened(&cell).to_owned()).collect());
        }
    }

    /// A doc string with its marks: verbatim, as far to the left as its opening mark.
    fn doc_string(&mut self, lines: &[&str]) {
        self.headers = None;
        let Some((first, rest)) = lines.split_first() else { return };
        let (mark, info) = first.trim().split_at(3);
        self.tokens.literal(kind::INFO, info.trim());
        let content = rest.split_last().map_or(rest, |(last, inner)| if last.trim() == mark { inner } else { rest });
        for line in content {
            self.tokens.literal(kind::CODE_LINE, dedent(line, indent(first)).trim_end());
        }
    }

    fn finish(self) -> Tokens {
        self.tokens.finish()
    }
}

/// The cells of a table's row; a backslash protects a bar, and `\n` is a line break, hence a space.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let row = line.trim();
    let mut chars = row.strip_prefix('|').unwrap_or(row).chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('n')) => {
                chars.next();
                cell.push(' ');
            }
            ('\\', Some('|' | '\\')) => cell.extend(chars.next()),
            ('|', _) => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            _ => cell.push(c),
        }
    }
    // a row ends with a bar; what follows a forgotten one counts
    if !is_blank(&cell) {
        cells.push(cell.trim().to_owned());
    }
    cells
}

fn shortened(header: &str) -> &str {
    let end = (0..=LONGEST_HEADER.min(header.len())).rev().find(|&at| header.is_char_boundary(at)).unwrap_or(0);
    &header[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::clause::Span;
    use super::*;

    const SAMPLE: &str = "\
# language: en
@billing @REQ-12
Feature: Invoices
  Customers get
  one invoice.

  Background:
    Given a customer \"Ann\"

  Rule: Once a month

    # why: law
    @id:send @slow
    Scenario Outline: Send
      When <n> days pass
      # comment
      Then the mail says:
        \"\"\"json
        { \"Scenario: x\": 1 }
          # kept
        \"\"\"
      And the totals are
        | item | sum |
        | tea  | 5   |

      @fast
      Examples: some
        | n  |
        | 30 |
";

    fn show(draft: &Draft) -> String {
        let show = |t: super::super::super::token::Token<'_>| {
            if t.kind == kind::WORD { t.text.to_owned() } else { format!("{}:{}", t.kind as char, t.text) }
        };
        draft.tokens.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn parts_are_clauses() {
        let found = drafts(SAMPLE);
        let seen: Vec<_> = found.iter().map(|d| (d.title.as_deref(), d.kind, d.level, d.id.as_deref())).collect();
        assert_eq!(
            seen,
            [
                (Some("Invoices"), Kind::Section, 1, Some("REQ-12")),
                (None, Kind::Section, 2, None),
                (Some("Once a month"), Kind::Section, 2, None),
                (Some("Send"), Kind::Scenario, 3, Some("send")),
            ]
        );
        let span = |first, last| Span { first, last };
        assert_eq!(found[0].spans, [span(2, 5)]);
        assert_eq!(found[2].spans, [span(10, 10)]);
        assert_eq!(found[3].spans, [span(13, 15), span(17, 29)]);
        assert_eq!(found[0].breed, Breed::Ordinal);
        assert_eq!(found[3].breed, Breed::Slug);
        assert_eq!(found[0].text, "  Customers get\n  one invoice.");
    }

    #[test]
    fn steps_tables_and_doc_strings_are_tokens() {
        let found = drafts(SAMPLE);
        assert_eq!(show(&found[1]), "given a customer \":\" ann \":\"");
        assert_eq!(
            show(&found[3]),
            "when <n> days pass then the mail says i:json l:{ \"Scenario: x\": 1 } l:  # kept and the totals are \
             t: item t: sum t:item tea t:sum 5 Examples some t: n t:n 30"
        );
        let tags: Vec<&str> = found[3].metadata.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(tags, ["slow", "fast"]);
    }

    #[test]
    fn other_languages_are_read() {
        for (text, count) in [
            (
                "# language: de\nFunktionalität: A\nSzenario: B\nAngenommen x\nSzenariogrundriss: C\nBeispiele:\n| a |\n",
                3,
            ),
            ("Fonctionnalité: A\nContexte:\nSoit x\nPlan du scénario: C\nExemples:\n| a |\n", 3),
            ("Característica: A\nEscenario: B\nDado x\n", 2),
            ("# language: xx\nGorf: A\nSnark: B\nBlib x\nSnarks:\n| a |\nSnark: C\n", 3),
            ("no gherkin\n\nat all\n", 2),
        ] {
            assert_eq!(drafts(text).len(), count, "{text}");
        }
    }

    #[test]
    fn only_words_change_the_version() {
        let versions = |text: &str| drafts(text).iter().map(|d| d.tokens.version()).collect::<Vec<_>>();
        for (from, to) in
            [("\n", "\r\n"), ("get\n  one", "get one"), ("why: law", "no"), ("@slow", "@quick"), ("| 5   |", "|5|")]
        {
            assert_eq!(versions(SAMPLE), versions(&SAMPLE.replace(from, to)), "{from}");
        }
        for (from, to) in [
            ("5", "6"),
            ("one", "two"),
            ("# kept", "# Kept"),
            ("json", "yaml"),
            ("item", "thing"),
            ("30", "31"),
            ("When", "Given"),
        ] {
            assert_ne!(versions(SAMPLE), versions(&SAMPLE.replace(from, to)), "{from}");
        }
    }

    #[test]
    fn ids_among_tags() {
        for (tag, id) in [
            ("id:X", Some("X")),
            ("REQ-12", Some("REQ-12")),
            ("AUTH_3", Some("AUTH_3")),
            ("v2", None),
            ("wip", None),
            ("id:", None),
            ("-1", None),
        ] {
            assert_eq!(tag_id(tag), id, "{tag}");
        }
    }

    #[test]
    fn a_tag_that_says_it_is_an_id_comes_first() {
        for (tags, id, others) in [
            ("@sprint-12 @id:LOGIN", "LOGIN", &["sprint-12"][..]),
            ("@sprint-12\n@id:LOGIN @id:B", "LOGIN", &["sprint-12", "id:B"]),
            ("@wip @AUTH-1 @AUTH-2", "AUTH-1", &["wip", "AUTH-2"]),
        ] {
            let found = drafts(&format!("Feature: f\n\n{tags}\nScenario: s\n  Given x\n"));
            let tags: Vec<&str> = found[1].metadata.iter().map(|(_, tag)| tag.as_str()).collect();
            assert_eq!((found[1].id.as_deref(), tags.as_slice()), (Some(id), others));
        }
    }

    #[test]
    fn long_headers_cost_linear_time() {
        let header = "h".repeat(100_000);
        let text = format!("Feature: a\n|{header}|\n{}", "|a|\n".repeat(50_000));
        assert_eq!(drafts(&text).len(), 1);
        drafts(&"Feature: a\n\"\"\"\n".repeat(20_000));
    }

    proptest! {
        #[test]
        fn any_text(text in "(?s).{0,200}") {
            lines::assert_sound(&text, &drafts(&text));
        }

        #[test]
        fn any_lines(lines in prop::collection::vec(
            prop::sample::select(vec![
                "", "Feature: f", "Rule: r", "  Background:", "Scenario: s", "Examples:", "| a | b |", "| \\| |", "|", "\"\"\"", "```x", "# c", "@a @B-1",
                "Given é", "# language: xx", "X: y", "  free text",
            ]), 0..40,
        )) {
            let text = lines.join("\n");
            lines::assert_sound(&text, &drafts(&text));
        }
    }
}
