use proptest::prelude::*;

use super::kinds::{Kind, kind};
use super::places::places;

fn of(path: &str, text: &str) -> (Vec<String>, bool) {
    match kind(path, text) {
        Kind::Code(language) => {
            let places = places(language, text);
            (places.comments.into_iter().map(|at| text[at].to_owned()).collect(), places.doubt.is_some())
        }
        _ => (vec!["no code".to_owned()], false),
    }
}

#[test]
fn strings_of_every_language_hold_no_comments() {
    for (path, text) in [
        ("a.rs", "let s = r#\"\n// no\n\"#; let t = \"\n// no\n\"; fn f<'a>(c: char) { c == '\"' } // yes"),
        ("a.rs", "/* yes /* more */ */ let u = '\\''; let b = br\"// no\"; let v = b'\"'; let r = r; // yes"),
        ("a.ts", "const s = `\n//= no\n`; x.replace(/[`'\"/]/g, '') // yes"),
        ("a.js", "a = b / c; d = e / f // yes"),
        ("a.ts", "const s = `${a.map(x => `\n// no\n${x + \"}\"}`)}\n// no\n`; // yes"),
        ("a.tsx", "<a href={x}>https://no.example/ it's</a>\n// yes"),
        ("a.js", "const re = /\\/\\/ [/*] no/; /* yes */"),
        ("a.py", "S = \"\"\"\n# no\n\"\"\"; t = f'# no' # yes"),
        ("a.py", "S = rb'''\n# no\n'''; t = 'a\\\n# no' # yes"),
        ("a.go", "var s = `\n// no\n`\nvar c = '\"' // yes"),
        ("a.cpp", "auto s = u8R\"x(\n// no\n)\" // no\n)x\"; int n = 1'000; // yes"),
        ("a.c", "// yes \\\n goes on\nchar *s = \"\\\n// no\"; // yes"),
        ("a.kt", "val s = \"\"\"\n// no\\\"\"\" // yes"),
        ("a.kt", "val s = \"${f(\"// no\")}\" // yes"),
        ("a.swift", "let s = #\"// no \" // no\"#; let t = \"\\(f(\"// no\"))\" // yes"),
        ("a.java", "String s = \"\"\"\n// no \\\"\"\"\n// no\n\"\"\"; // yes"),
        ("a.cs", "var s = @\"\\\"; var t = @\"\n// no \"\"\n// no\"; var u = $\"{f(\"// no\")} {{ // no\"; // yes"),
        ("a.cs", "var s = \"\"\"\"\n// no \"\"\"\n// no\n\"\"\"\"; // yes"),
        ("a.scala", "val s = \"\"\"\n// no\\\"\"\"; val c = '\"' // yes"),
        ("a.dart", "var s = r'\\'; var t = '''\n// no\n'''; // yes"),
        ("a.groovy", "def s = ~/\\/\\/ \" no/; def t = $/ // no /$ // yes"),
        ("a.sh", "cat <<E && cat <<-'F'\n# no\nE\n# no\n\tF\necho \"\n# no\n\" ${a#no} $((1<<2)) # yes"),
        ("a.sh", "echo it\\'s \\\" # yes"),
        ("a.sh", "x=\"$(echo \")\" 'no\n# no' ${y:-\"# no\"})\n# no\" # yes"),
        ("a.sh", "x=$(case $y in a) echo;; esac) z='\n# no' # yes"),
        ("a.sh", "cat <<\\E $'\\'\n# no' \n# no\nE\n# yes"),
        ("a.rb", "s = <<~TEXT\n  # no\n  TEXT\na << b # yes"),
        ("a.rb", "s = \"\n# no #{t(\"# no\")}\"; u = %w[a # no\n# no]; v = /# no/ # yes"),
        ("a.rb", "=begin\nyes\n=end\ns = 'no\n# no'\n__END__\n# no"),
        ("a.pl", "my $s = <<\"E\" . q{# no {\n# no}};\n# no\nE\ns{# no}{# no}; $x = $#a; # yes"),
        ("a.pl", "=pod\n\n# no\n\n=cut\nmy %h = (s => 1, y => 2); # yes"),
        ("a.php", "# no\n<?php $s = 'a\n# no'; $t = <<<E\n# no\n  E;\n// yes ?>\n# no\n<?= 1 ?>"),
        ("a.yml", "a: don't # yes\n"),
        ("a.yml", "run: |\n  # no\n\n  # no\n- k: >-\n    # no\nb: \"\n  # no\" # yes"),
        ("a.yml", "a: 'it''s\n  # no' # yes\nb: x|\nc: a#no"),
        ("a.lua", "s = [==[\n-- no ]] -- no\n]==] --[[ yes ]]"),
        ("a.lua", "--[[ a\nyes ]] s = \"-- no\""),
        ("CMakeLists.txt", "#[=[ a\n# ]]\nyes ]=]\nset(a \"# no\")"),
        ("a.php", "<?php\n#[no]\n# yes"),
        ("a.sql", "CREATE FUNCTION f() RETURNS int AS $$\nBEGIN -- yes\n  x := '-- no';\nEND $$;"),
        ("a.tcl", "set a \"# no\" ;# yes"),
        ("a.html", "// no\n<script>\nlet s = '<!-- no -->' // yes\n</script><style>a { b: url(//no) }</style>"),
        ("a.vue", "<template><!-- yes --></template><script lang=\"ts\">\nconst s = `// no`\n</script>"),
        ("Makefile", "a = \"b # yes\nc = \\#no\nd:\n\techo \"# no\" it\\'s # yes"),
        ("CMakeLists.txt", "set(a \"\n# no\") set(b [=[\n# no\n]=]) #[[ yes ]]"),
        ("a.toml", "a = '\\' # yes\nb = '''\n# no\n'''\nc = \"\"\"\n# no\"\"\""),
        ("a.tf", "a = <<-EOT\n# no\n  EOT\nb = \"${f(\"# no\")}\" // yes"),
        ("a.nix", "a = ''\n# no ''${b}\n# no ${c \"# no\"}\n''; # yes"),
        ("a.sql", "select 'a''b\n-- no', $x$ -- no\n$x$ -- yes"),
        ("a.hs", "a --> b; c' = 'x' : \"-- no\\\n  \\\" {- yes {- more -} -}"),
        ("a.ml", "let a' = {x|(* no *)|x} ^ \"\n(* no *)\" (* yes \"*)\" (* more *) *)"),
        ("a.el", "(a ?\" \"\n; no\" ?\\; b) ; yes"),
        ("a.scm", "#\\; #| yes |# \"; no\""),
        ("a.erl", "A = $\", B = $%, C = \"\n% no\". % yes"),
        ("a.ex", "a = ~s(# no\n# no) <> \"#{b(\"# no\")}\" <> ?\" # yes"),
        ("a.jl", "a' ; b = \"\n# no $(f(\"# no\"))\" #= yes #= more =# =#"),
        ("a.r", "a <- r\"(# no\n# no)\" # yes"),
        ("a.ps1", "$a = @'\n# no\n'@; $b = \"`\" # no\" <# yes #>"),
        ("a.bat", "echo no :: no\r\n:: yes\r\n  rem yes\r\n"),
        ("a.v", "module a; x = 8'hFF; // yes"),
        ("a.adb", "A := B'First & '\"' & \"-- no\"; -- yes"),
        ("a.zig", "const s =\n    \\\\// no\n; // yes"),
        ("a.css", "a { b: url(http://no/) } /* yes */ // no"),
        ("Dockerfile", "# yes\nRUN echo # no\nCOPY <<E /\n# no\nE\n"),
        ("tool", "#!/usr/bin/env python3\n'\\''\n'''\n# no\n''' # yes"),
    ] {
        let (found, doubt) = of(path, text);
        assert!(found.iter().any(|comment| comment.contains("yes")), "{path}: {text}\n{found:?}");
        assert!(!found.iter().any(|comment| comment.contains("no")), "{path}: {text}\n{found:?}");
        assert!(!doubt, "{path}: {text}\n{found:?}");
    }
}

#[test]
fn what_never_ends_is_in_doubt() {
    for (path, text) in [
        ("a.rs", "// one\nlet s = \"\n// two"),
        ("a.c", "// one\n/* two"),
        ("a.py", "# one\n\"\"\" never ends\n# two\n"),
        ("a.sh", "# one\necho it's\n# two\n"),
        ("a.sh", "# one\ncat <<E\n# two\n"),
        ("a.sql", "-- one\nselect 'it\\'s' -- two\n"),
        ("a.ts", "// one\nx = `${\n// two"),
    ] {
        let (found, doubt) = of(path, text);
        assert!(doubt, "{path}: {text}\n{found:?}");
        assert!(found[0].contains("one"), "{path}: {found:?}");
    }
    // A string of one line ends with it.
    assert_eq!(of("a.c", "char *s = \"never ends\n// yes\n"), (vec!["// yes".to_owned()], false));
    assert_eq!([of("a.md", "// x").0, of("a.json", "// x").0, of("README", "# x").0], [["no code"]; 3]);
}

#[test]
fn no_file_takes_long() {
    let names = [
        "a.sh", "a.rb", "a.pl", "a.php", "a.js", "a.cs", "a.kt", "a.yml", "a.html", "a.ml", "a.hs", "a.sql",
        "Makefile", "a.nix",
    ];
    for piece in [
        "<<A ", "<<A\n", "${", "\"${", "$(", "/*", "(*", "{|", "[a|", "/a", "<script>", "$a$", "'", "\"", "q{", "%w(",
        "| ", "a: |\n", "\t\\\n",
    ] {
        let text = piece.repeat(10_000);
        let start = std::time::Instant::now();
        for name in names {
            of(name, &text);
        }
        assert!(start.elapsed().as_secs() < 120, "{piece} took {:?}", start.elapsed());
    }
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "[a-z<>'\"`/*#(){}\\\\\\[\\]\n\\-Rrq$%~@?|=:; \té]{0,80}", at in 0usize..40) {
        let names = ["a.rs", "a.c", "a.ts", "a.py", "a.go", "a.sh", "a.rb", "a.php", "a.kt", "a.yml", "a.sql", "a.lua",
            "a.hs", "a.el", "a.erl", "a.html", "a.cs", "a.swift", "a.dart", "a.groovy", "a.scala", "a.pl", "a.ml",
            "Makefile", "CMakeLists.txt", "a.tf", "a.nix", "a.ex", "a.jl", "a.r", "a.ps1", "a.bat", "a.tcl", "a.nu",
            "a.zig", "a.css", "Dockerfile", "a.nim", "a.awk", "a.vim"];
        of(names[at], &text);
        of(names[at], &format!("<?php {text}"));
    }
}
