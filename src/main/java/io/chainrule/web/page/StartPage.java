package io.chainrule.web.page;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;

/** The page at {@code /} as it is sent, and what it may load. */
record StartPage(String version, String html, String policy) {
    private static final Pattern IMPORT = Pattern.compile("^(?:import|export)\\b(?:[^'\"();=]*\\bfrom)?\\s*['\"]([^'\"]+)['\"]",
            Pattern.MULTILINE);

    static StartPage of(PageFiles files, ImportMap imports) {
        String version = files.version();
        String folder = "/page/" + version + "/";
        UnaryOperator<String> source = address -> address.startsWith(folder)
                ? files.text(address.substring(folder.length()))
                : imports.source(address);
        Set<String> first = loadedBy(folder + "js/main.js", source, imports);
        Set<String> view = loadedBy(folder + "js/circuit-view.js", source, imports);
        view.removeAll(first);
        String preloads = links(first, "") + links(view, " fetchpriority=\"low\"");
        String plots = String.valueOf(imports.modules().get("uplot"));
        String html = files.text("index.html").replace("{version}", version).replace("{imports}", imports.text())
                .replace("{preloads}", preloads).replace("{plots}", "." + plots.substring(0, plots.lastIndexOf('/')));
        return new StartPage(version, html, policy(imports.text()));
    }

    /** The addresses of a module and of all that are loaded before it runs: those that it imports, and those that these import. */
    private static Set<String> loadedBy(String start, UnaryOperator<String> source, ImportMap imports) {
        Set<String> found = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            String module = open.pop();
            if (found.add(module)) {
                IMPORT.matcher(source.apply(module)).results().map(match -> match.group(1)).forEach(name -> open.add(name.startsWith(".")
                        ? URI.create(module).resolve(name).toString()
                        : imports.modules().getOrDefault(name, name)));
            }
        }
        return found;
    }

    /**
     * Without these a browser would learn of a module only from the module that imports it. Those of the view have the lower priority,
     * since the page's first requests would wait behind them.
     */
    private static String links(Set<String> modules, String attributes) {
        return modules.stream().map(module -> "<link rel=\"modulepreload\" href=\"." + module + "\"" + attributes + ">\n")
                .collect(Collectors.joining());
    }

    /** The import map is the only script that the page itself holds, and its digest is what lets it in. */
    private static String policy(String importMap) {
        return "default-src 'none'; script-src 'self' 'sha256-" + hash(importMap) + "'; style-src 'self'; img-src 'self' data: blob:; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    private static String hash(String script) {
        return Base64.getEncoder().encodeToString(DigestUtils.sha256(script));
    }
}
