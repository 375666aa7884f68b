package io.chainrule.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;

/**
 * A request in proper HTTP whose contents are made to do harm; the same seed makes the same one.
 *
 * @param bytes the request as it is sent
 * @param isTimed whether it may take so long that time decides what is answered
 */
record HostileRequest(long seed, String method, String target, byte[] bytes, boolean isTimed) {
    private static final List<String> HEADERS = List.of("Accept: application/json", "Accept: text/html", "Accept: text/markdown, */*;q=0.1",
            "Accept: nonsense", "Accept: image/png", "Accept: text/event-stream", "Accept-Language: ko", "Accept-Language: tlh, ko;q=0.3",
            "Accept-Encoding: gzip", "Accept-Encoding: br, zstd", "Accept-Encoding: gzip;q=0", "If-None-Match: *", "If-None-Match: \"x\"",
            "Range: bytes=0-1", "Origin: https://other.example", "Prefer: wait=60", "Prefer: wait=99999999999999999999",
            "Expect: 100-continue",
            "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: javascript", "X-HTTP-Method-Override: DELETE", "Cookie: a=b; c",
            "Content-Encoding: br",
            "Content-Encoding: gzip", "Upgrade: websocket", "Sec-Fetch-Site: cross-site", "Authorization: Basic ====",
            "Authorization: Bearer x");
    private static final List<String> TYPES = List.of("application/json;charset=UTF-16", "application/json; charset=none", "text/plain",
            "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "application/*", "nonsense", "application/problem+json",
            "");
    private static final List<String> LINKS = List.of("/v1/gradient", "/v1/render.svg", "/v1/plot.svg");
    private static final List<String> PAGES = List.of("/v1/ops", "/v1/ops/relu", "/v1/ops/relu/plot.svg", "/v1/ops/%00", "/v1/notation",
            "/v1/layers/dense",
            "/v1/losses", "/", "/problems/not-found", "/actuator/health", "/actuator/info", "/nothing", "/v1/ops/../ops", "/v1/gradient/",
            "/error",
            "/v1/ops/relu;a=b", "//v1/ops", "/v1/optimizers/adam?x=%FF", "/webjars/none", "/v1/schedules", "/v3/api-docs",
            "/v3/api-docs.yaml", "/v3/api-docs/swagger-config",
            "/swagger-ui.html", "/swagger-ui/index.html", "/swagger-ui/swagger-ui.css", "/swagger-ui/swagger-ui-bundle.js",
            "/swagger-ui/../swagger-ui/index.css", "/page/none/js/main.js", "/favicon.ico");

    static HostileRequest of(long seed, List<ExampleRequest> examples) {
        Random random = new Random(seed);
        // Neighbouring seeds of Random begin alike.
        random.nextInt();
        return switch (random.nextInt(100)) {
            case 0, 1, 2 -> link(seed, random, examples);
            case 3 -> get(seed, random, spelt(random, pick(random, PAGES)));
            default -> post(seed, random, examples);
        };
    }

    /** A request that computes, or is refused, in a time that others' work does not change much. */
    static HostileRequest untimed(long seed, List<ExampleRequest> examples) {
        Random random = new Random(seed);
        random.nextInt();
        ExampleRequest example = pick(random, examples);
        JsonNode body = new ValidBodyMutator(random).mutate(example.body(), pick(random, examples).body());
        return request(seed, "POST", example.path(), "Content-Type: application/json\r\n", body.toString().getBytes(StandardCharsets.UTF_8),
                false);
    }

    private static HostileRequest post(long seed, Random random, List<ExampleRequest> examples) {
        ExampleRequest example = pick(random, examples);
        ValidBodyMutator valid = new ValidBodyMutator(random);
        List<ExampleRequest> alike = examples.stream().filter(other -> other.path().equals(example.path())).toList();
        JsonNode another = pick(random, random.nextInt(4) == 0 ? examples : alike).body();
        int kind = random.nextInt(1000);
        byte[] body;
        if (kind < 150) {
            body = new BodyMutator(random).mutate(example.body());
        } else {
            body = (kind == 999 ? valid.costly() : valid.mutate(example.body(), another)).toString().getBytes(StandardCharsets.UTF_8);
        }
        String path = kind == 999 ? "/v1/gradient" : random.nextInt(50) == 0 ? pick(random, examples).path() : example.path();
        String type = random.nextInt(50) == 0 ? pick(random, TYPES) : "application/json";
        String headers = "Content-Type: " + type + "\r\n";
        if (random.nextInt(20) == 0) {
            headers += pick(random, HEADERS) + "\r\n";
        }
        if (random.nextInt(50) == 0) {
            headers += "Content-Encoding: gzip\r\n";
            body = packed(body, random);
        }
        String method = random.nextInt(200) == 0
                ? pick(random, List.of("PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "post", "TRACE"))
                : "POST";
        return request(seed, method, path, headers, body, kind == 999 || path.equals("/v1/train"));
    }

    private static byte[] packed(byte[] body, Random random) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(body);
            if (random.nextInt(20) == 0) {
                out.write(new byte[10_000_000]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] bytes = packed.toByteArray();
        return switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 1 -> {
                bytes[random.nextInt(bytes.length)] ^= 4;
                yield bytes;
            }
            default -> bytes;
        };
    }

    private static HostileRequest link(long seed, Random random, List<ExampleRequest> examples) {
        List<ExampleRequest> texts = examples.stream().filter(example -> example.body().has("expression") && example.body().has("inputs"))
                .toList();
        JsonNode body = new ValidBodyMutator(random).mutate(pick(random, texts).body(), pick(random, texts).body());
        StringBuilder target = new StringBuilder(pick(random, LINKS)).append("?expression=")
                .append(encoded(body.path("expression").asString("")));
        for (var input : body.path("inputs").properties()) {
            target.append("&in.").append(encoded(input.getKey())).append('=').append(encoded(input.getValue().toString()));
        }
        if (random.nextInt(10) == 0) {
            target.append('&').append(encoded(pick(random, HEADERS)));
        }
        return get(seed, random, target.toString());
    }

    private static HostileRequest get(long seed, Random random, String target) {
        String headers = switch (random.nextInt(8)) {
            case 0, 1 -> pick(random, HEADERS) + "\r\n";
            case 2 -> "Accept-Language: en-x-" + Integer.toString(random.nextInt(1 << 20), Character.MAX_RADIX) + "\r\n";
            default -> "";
        };
        return request(seed, random.nextInt(10) == 0 ? "HEAD" : "GET", target, headers, new byte[0], false);
    }

    /** One of the many ways to write the same address. */
    private static String spelt(Random random, String address) {
        if (random.nextInt(3) != 0) {
            return address;
        }
        StringBuilder spelt = new StringBuilder();
        address.chars().forEach(letter -> {
            boolean isHidden = Character.isLetter(letter) && random.nextInt(4) == 0;
            spelt.append(isHidden ? "%" + Integer.toHexString(letter) : Character.toString(letter));
        });
        return spelt.toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static HostileRequest request(long seed, String method, String target, String headers, byte[] body, boolean isTimed) {
        String length = body.length > 0 ? "Content-Length: " + body.length + "\r\n" : method.equals("POST") ? "Content-Length: 0\r\n" : "";
        byte[] head = (method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nRequest-Id: seed-" + seed + "\r\n" + headers + length
                + "\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, bytes, head.length, body.length);
        return new HostileRequest(seed, method, target, bytes, isTimed);
    }

    /** The same request with a field before its others. */
    HostileRequest with(String field) {
        int end = (method + " " + target + " HTTP/1.1\r\n").getBytes(StandardCharsets.UTF_8).length;
        byte[] more = (field + "\r\n").getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[bytes.length + more.length];
        System.arraycopy(bytes, 0, all, 0, end);
        System.arraycopy(more, 0, all, end, more.length);
        System.arraycopy(bytes, end, all, end + more.length, bytes.length - end);
        return new HostileRequest(seed, method, target, all, isTimed);
    }

    /** Whether it brings a program. What catalogues and pages answer tells nothing of the engine. */
    boolean isOfProgram() {
        return method.equals("POST") || (method.equals("GET") || method.equals("HEAD")) && LINKS.contains(target.split("\\?", 2)[0]);
    }

    private static <T> T pick(Random random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    @Override
    public String toString() {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return "seed " + seed + ": " + (text.length() <= 3_000 ? text : text.substring(0, 3_000) + " … " + text.length());
    }
}
