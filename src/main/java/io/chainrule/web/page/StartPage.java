package io.chainrule.web.page;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The page at {@code /} as it is sent, and what it may load. */
record StartPage(String version, String html, String policy) {
    static StartPage of(PageFiles files, ImportMap imports) {
        String version = files.version();
        StringBuilder preloads = new StringBuilder();
        for (String module : files.ending(".js")) {
            preload(preloads, "/page/" + version + "/" + module);
        }
        imports.modules().values().forEach(module -> preload(preloads, module));
        String plots = String.valueOf(imports.modules().get("uplot"));
        String html = files.text("index.html").replace("{version}", version).replace("{imports}", imports.text())
                .replace("{preloads}", preloads).replace("{plots}", plots.substring(0, plots.lastIndexOf('/')));
        return new StartPage(version, html, policy(imports.text()));
    }

    /** Without these a browser would learn of a module only from the module that imports it. */
    private static void preload(StringBuilder preloads, String module) {
        preloads.append("<link rel=\"modulepreload\" href=\"").append(module).append("\">\n");
    }

    /** The import map is the only script that the page itself holds, and its digest is what lets it in. */
    private static String policy(String importMap) {
        return "default-src 'none'; script-src 'self' 'sha256-" + hash(importMap) + "'; style-src 'self'; img-src 'self' data: blob:; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    private static String hash(String script) {
        return Base64.getEncoder().encodeToString(PageFiles.sha256().digest(script.getBytes(StandardCharsets.UTF_8)));
    }
}
