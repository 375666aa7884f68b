package io.chainrule.core.explain;

import io.chainrule.core.Contribution;
import io.chainrule.core.language.Language;
import io.chainrule.core.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An explanation as a page of HTML without scripts, with formulas in MathML. All names are escaped. */
public final class HtmlPage {
    /** Fonts with which brackets stretch are named: the browser's own choice for Korean may be one that has none. */
    private static final String STYLE = """
            :root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;overflow-wrap:break-word;\
            margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}
            table{border-collapse:collapse;display:block;overflow-x:auto}th,td{border:1px solid #767676;\
            padding:.25rem .5rem;text-align:left;white-space:nowrap}
            math{font-family:"Latin Modern Math","STIX Two Math","Cambria Math","DejaVu Math TeX Gyre",math}
            .formula{overflow-x:auto;padding-block:.5rem}section{margin-block:1.5rem}
            @media(prefers-color-scheme:dark){body{color:#eee;background:#161616}}
            @media(max-width:40rem){h1{font-size:1.5rem}}
            """;

    private final Explanation explanation;
    private final Language language;
    private final StringBuilder out = new StringBuilder();

    private HtmlPage(Explanation explanation) {
        this.explanation = explanation;
        this.language = explanation.language();
    }

    /** The page; {@code output} is the id of the program's output. */
    public static String of(Explanation explanation, String output) {
        HtmlPage page = new HtmlPage(explanation);
        page.write(output);
        return page.out.toString();
    }

    private void write(String output) {
        String title = escaped(language.text("markdown.title", output));
        out.append("<!DOCTYPE html>\n<html lang=\"").append(language.tag()).append("\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>").append(title)
                .append("</title>\n<style>").append(STYLE).append("</style>\n</head>\n<body>\n<main>\n<h1>").append(title)
                .append("</h1>\n");
        paragraph(explanation.intro());
        out.append("<section>\n");
        heading(language.text("heading.ledger"));
        explanation.ledger().forEach(this::entry);
        out.append("</section>\n");
        List<Explanation.Layer> layers = explanation.layers();
        if (layers != null && !layers.isEmpty()) {
            out.append("<section>\n");
            heading(language.text("heading.layers"));
            layers.forEach(this::layer);
            out.append("</section>\n");
        }
        Explanation.Paths paths = explanation.paths();
        if (paths != null) {
            story(language.text("heading.paths", paths.node()), paths.text());
        }
        Explanation.EntryStory entry = explanation.entry();
        if (entry != null) {
            story(language.text("heading.entry", EntryName.text(entry.node(), entry.index())), entry.text());
        }
        Explanation.Step step = explanation.step();
        if (step != null) {
            story(language.text("heading.step"), step.text());
        }
        out.append("</main>\n</body>\n</html>\n");
    }

    private void heading(String text) {
        out.append("<h2>").append(escaped(text)).append("</h2>\n");
    }

    private void paragraph(String text) {
        out.append("<p>").append(escaped(text)).append("</p>\n");
    }

    private void story(String heading, String text) {
        out.append("<section>\n");
        heading(heading);
        List<String> items = text.lines().filter(line -> line.startsWith("  ")).toList();
        text.lines().filter(line -> !line.startsWith("  ")).limit(1).forEach(this::paragraph);
        if (!items.isEmpty()) {
            out.append("<ul>\n");
            items.forEach(item -> out.append("<li>").append(escaped(item.strip())).append("</li>\n"));
            out.append("</ul>\n");
        }
        text.lines().filter(line -> !line.startsWith("  ")).skip(1).forEach(this::paragraph);
        out.append("</section>\n");
    }

    private void layer(Explanation.Layer layer) {
        out.append("<h3>").append(escaped(layer.name())).append("</h3>\n");
        paragraph(layer.text());
        layer.forms().forEach(form -> formula(form.form().mathml()));
    }

    private void entry(Explanation.Entry entry) {
        out.append("<h3>").append(escaped(entry.node())).append("</h3>\n");
        paragraph(entry.text());
        formula(entry.mathml());
        if (entry.contributions().isEmpty()) {
            return;
        }
        out.append("<table>\n<thead><tr>");
        for (String column : List.of("from", "upstream", "local", "contribution")) {
            out.append("<th scope=\"col\">").append(escaped(language.text("column." + column))).append("</th>");
        }
        out.append("</tr></thead>\n<tbody>\n");
        entry.contributions().forEach(this::row);
        out.append("</tbody>\n</table>\n");
    }

    private void row(Explanation.Term term) {
        Contribution values = term.values();
        Explanation.Form form = term.form();
        out.append("<tr><th scope=\"row\">").append(escaped(term.to())).append("</th><td>").append(cell(values.upstream()))
                .append("</td><td>");
        Explanation.Slope slope = term.slope();
        if (slope != null) {
            math(slope.mathml());
        }
        if (form == null) {
            out.append(cell(values.local() == null ? values.value() : values.local()));
        } else {
            math(form.mathml());
            out.append(escaped(form.shapes()));
            if (!form.letters().isEmpty()) {
                out.append("<div>").append(escaped(String.join(", ", form.letters()))).append("</div>");
            }
        }
        out.append("</td><td>").append(cell(values.value())).append("</td></tr>\n");
    }

    private String cell(Tensor value) {
        return escaped(Numerals.of(value, language));
    }

    private void formula(@Nullable String mathml) {
        if (mathml != null) {
            out.append("<div class=\"formula\">").append(mathml).append("</div>\n");
        }
    }

    private void math(@Nullable String mathml) {
        if (mathml != null) {
            out.append(mathml).append('\n');
        }
    }

    /** Escapes text for HTML; characters that change the direction of text, or are not shown, are replaced. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(isHidden(c) ? '\uFFFD' : c);
            }
        });
        return escaped.toString();
    }

    /** Whether a character is a control character other than white space, or one that changes the direction of text. */
    static boolean isHidden(int c) {
        return Character.getType(c) == Character.FORMAT || Character.isISOControl(c) && !Character.isWhitespace(c);
    }
}
