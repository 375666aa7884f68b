package io.chainrule.core.explain;

import io.chainrule.core.language.Language;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** An explanation in Markdown, with formulas in LaTeX, in fenced blocks of the language {@code math}. */
public final class MarkdownPage {
    private static final Pattern LINK = Pattern.compile("(:(?=//)|www(?=\\.)|@(?=\\w))", Pattern.CASE_INSENSITIVE);

    private final Explanation explanation;
    private final Language language;
    private final List<String> lines = new ArrayList<>();

    private MarkdownPage(Explanation explanation) {
        this.explanation = explanation;
        this.language = explanation.language();
    }

    /** The page; {@code output} is the id of the program's output. */
    public static String of(Explanation explanation, String output) {
        MarkdownPage page = new MarkdownPage(explanation);
        page.write(output);
        return String.join("\n", page.lines) + "\n";
    }

    private void write(String output) {
        lines.add("# " + escaped(language.text("markdown.title", output)));
        paragraph(explanation.intro());
        heading(language.text("heading.ledger"));
        explanation.ledger().forEach(this::entry);
        List<Explanation.Layer> layers = explanation.layers();
        if (layers != null && !layers.isEmpty()) {
            heading(language.text("heading.layers"));
            layers.forEach(layer -> paragraph(layer.text()));
        }
        Explanation.Paths paths = explanation.paths();
        if (paths != null) {
            heading(language.text("heading.paths", paths.node()));
            story(paths.text());
        }
        Explanation.EntryStory entry = explanation.entry();
        if (entry != null) {
            heading(language.text("heading.entry", EntryName.text(entry.node(), entry.index())));
            story(entry.text());
        }
        Explanation.Step step = explanation.step();
        if (step != null) {
            heading(language.text("heading.step"));
            story(step.text());
        }
    }

    private void entry(Explanation.Entry entry) {
        lines.add("");
        lines.add("### " + escaped(entry.node()));
        paragraph(entry.text());
        lines.add("");
        // Markdown leaves the text inside a fence as it is. A formula is one line, so it cannot close the fence.
        lines.add("```math\n" + entry.latex() + "\n```");
        if (!entry.contributions().isEmpty()) {
            lines.add("");
            entry.contributions().forEach(term -> lines.add("- " + escaped(term.text())));
        }
    }

    private void heading(String text) {
        lines.add("");
        lines.add("## " + escaped(text));
    }

    private void paragraph(String text) {
        lines.add("");
        lines.add(escaped(text));
    }

    /** A first line, and indented ones as a list. */
    private void story(String text) {
        lines.add("");
        boolean wasItem = false;
        for (String line : text.lines().toList()) {
            boolean isItem = line.startsWith("  ");
            if (isItem != wasItem) {
                // Without it a line behind a list would belong to the last item.
                lines.add("");
            }
            lines.add((isItem ? "- " : "") + escaped(line.strip()));
            wasItem = isItem;
        }
    }

    /** Escapes what has a meaning in Markdown or HTML, and breaks up what becomes a link; a line break in a name is a blank. */
    static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (c == '<' || c == '>' || c == '&') {
                out.append(c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;");
            } else if (HtmlPage.isHidden(c)) {
                out.append('\uFFFD');
            } else if (c < ' ') {
                out.append(' ');
            } else {
                out.append("\\`*_{}[]#|~$!".indexOf(c) >= 0 ? "\\" : "").appendCodePoint(c);
            }
        });
        return LINK.matcher(out).replaceAll("$1<!-- -->");
    }
}
