package io.chainrule.web.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.HtmlUtils;

/** The content of a help page: what the problem means, how to fix it, and a request that causes it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ProblemPage(String type, String code, int status, String title, String meaning, String cure, ProblemText.@Nullable Example example) {

    /** {@code base} is the context path of the service. */
    static ProblemPage of(ProblemType type, String base) {
        ProblemText text = type.text();
        return new ProblemPage(base + type.uri(), type.code(), type.status(), text.title(), text.meaning(), text.cure(), text.example());
    }

    String toHtml() {
        String shown = example == null ? "" : """
                  <h2>A request that has it</h2>
                  <pre>POST %s%n%n%s</pre>
                """.formatted(escape(example.endpoint()), escape(example.body()));
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                  <meta charset="utf-8">
                  <meta name="viewport" content="width=device-width, initial-scale=1">
                  <title>%1$s</title>
                  <style>
                    body { font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
                    pre { overflow: auto; background: #f2f2f2; padding: 1rem }
                  </style>
                </head>
                <body>
                  <h1>%1$s</h1>
                  <p><code>%2$s</code>, HTTP status %3$d</p>
                  <h2>What it means</h2>
                  <p>%4$s</p>
                  <h2>How to mend it</h2>
                  <p>%5$s</p>
                %6$s</body>
                </html>
                """.formatted(escape(title), escape(code), status, escape(meaning), escape(cure), shown);
    }

    private static String escape(String text) {
        return HtmlUtils.htmlEscape(text);
    }
}
