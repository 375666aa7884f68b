package io.chainrule.web.v1.pictures;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.ReadsLog;
import io.chainrule.web.HttpTest;
import io.chainrule.web.v1.GradientRequest;
import io.chainrule.web.v1.LinkQuery;
import java.io.IOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.mock.web.MockHttpServletRequest;
import tools.jackson.databind.JsonNode;

/** Links answer what a POST of the same fields does. */
@ReadsLog
class LinkTest extends HttpTest {
    private static final String PICTURE = "/v1/render.svg?expression=q%20%3D%20x%20%2B%20y%0Af%20%3D%20q*z&in.x=-2&in.y=5&in.z=-4";

    @Autowired
    private Revision revision;

    @Autowired
    private LinkReader reader;

    @Autowired
    private LinkController controller;

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Sends a request target as it stands, which clients would encode. */
    private String raw(String target) throws IOException {
        try (Socket socket = new Socket("localhost", port)) {
            socket.getOutputStream().write(("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    expression=x%5E2&in.x=3                                       | {"expression": "x^2", "inputs": {"x": 3}}
                    expression=sum(W@x)&in.W=%5B%5B1,2%5D%5D&in.x=%5B3,4%5D       | {"expression": "sum(W@x)", "inputs": {"W": [[1,2]], "x": [3,4]}}
                    expression=x*y&inputs=%7B%22x%22:2,%22y%22:-3%7D              | {"expression": "x*y", "inputs": {"x": 2, "y": -3}}
                    expression=x*y&in.x=.5&in.y=-1e2&wrt=y                        | {"expression": "x*y", "inputs": {"x": 0.5, "y": -100}, "wrt": ["y"]}
                    expression=x*y&in.x=007&in.y=%2B5.&wrt=y,x                    | {"expression": "x*y", "inputs": {"x": 7, "y": 5}, "wrt": ["y", "x"]}
                    expression=x*x&in.x=NaN&nodes=none&diagnostics=none           | {"expression": "x*x", "inputs": {"x": "NaN"}, "nodes": "none", "diagnostics": "none"}
                    expression=sigmoid(x)&in.x=1&gates=expand&digits=true         | {"expression": "sigmoid(x)", "inputs": {"x": 1}, "gates": "expand", "digits": true}
                    expression=q=x*2;f=q*q&in.x=1&output=q&jacobians=all          | {"expression": "q=x*2;f=q*q", "inputs": {"x": 1}, "output": "q", "jacobians": "all"}
                    expression=%CE%B8*2&in.%CE%B8=3                               | {"expression": "θ*2", "inputs": {"θ": 3}}
                    """)
    void answerWhatAPostAnswers(String query, String body) {
        HttpResponse<String> link = get("/v1/gradient?" + query);
        assertThat(link.statusCode()).as(link.body()).isEqualTo(200);
        assertThat(json(link)).isEqualTo(json(post("/v1/gradient", body)));
    }

    @Test
    void drawWhatAPostDraws() {
        String posted = post("/v1/render", """
                {"expression": "q = x + y\\nf = q*z", "inputs": {"x": -2, "y": 5, "z": -4}, "theme": "dark", "step": 4, "digits": 5}""")
                .body();
        assertThat(get(PICTURE + "&theme=dark&step=4&digits=5").body()).isEqualTo(posted).contains("data-steps");
    }

    @ParameterizedTest
    @ValueSource(strings = {"svg", "png", "dot", "mermaid", "tikz"})
    void drawInTheFormatThatAPostDraws(String format) {
        String body = "{\"expression\": \"q = x + y\\nf = q*z\", \"inputs\": {\"x\": -2, \"y\": 5, \"z\": -4}, \"format\": \"" + format
                + "\"}";
        HttpResponse<String> posted = post("/v1/render", body);
        HttpResponse<String> link = get(PICTURE + "&format=" + format, "Accept", "text/html");
        assertThat(link.statusCode()).as(link.body()).isEqualTo(200);
        assertThat(link.headers().firstValue("Content-Type")).isPresent().isEqualTo(posted.headers().firstValue("Content-Type"));
        assertThat(link.headers().firstValue("Content-Security-Policy")).isPresent();
        assertThat(link.body()).isEqualTo(posted.body());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    expression=x*sigmoid(a*x)&in.a=2&theme=dark      | {"expression": "x*sigmoid(a*x)", "inputs": {"a": 2}, "theme": "dark"}
                    expression=x^2&ranges={"x":[-1,2]}&lang=ko       | {"expression": "x^2", "ranges": {"x": [-1, 2]}, "lang": "ko"}
                    expression=x*y&path=[[0,1],[1,2]]                | {"expression": "x*y", "path": [[0, 1], [1, 2]]}
                    expression=x^2*y^2&descent={"start":{"x":1,"y":2},"steps":3} | {"expression": "x^2*y^2", "descent": {"start": {"x": 1, "y": 2}, "steps": 3}}
                    """)
    void plotWhatAPostPlots(String query, String body) throws IOException {
        String answer = raw("/v1/plot.svg?" + query);
        assertThat(answer).startsWith("HTTP/1.1 200").contains("Content-Security-Policy: default-src 'none'", "ETag: W/");
        assertThat(answer.substring(answer.indexOf("<svg"), answer.indexOf("</svg>") + 6)).isEqualTo(post("/v1/plot", body).body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"expression=x^2&in.x=3", "expression=|x|&in.x=-3", "expression=sum(x[0:2])&in.x=[1,2,3]",
            "expression=sum([1,2]*x)&inputs={\"x\":[3,4]}", "expression=where(x<3,x,2)&in.x=1", "expression=x>2&in.x=3"})
    void readCharactersThatBrowsersLeaveAsTheyAre(String query) throws IOException {
        assertThat(raw("/v1/gradient?" + query)).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            expression=x+y&in.x=1&in.y=2               | syntax-error  | /expression | %2B
            expression=2+x&in.x=1                      | syntax-error  | /expression | %2B
            expression=(x)+(y)&in.x=1&in.y=2           | syntax-error  | /expression | %2B
            expression=f=x+%5B1%5D&in.x=%5B5%5D          | syntax-error  | /expression | %2B
            expression=g(u)=u*2%0Af=g+(x)&in.x=1       | syntax-error  | /expression | %2B
            expression=sin(x)%C2%B2+x&in.x=1           | syntax-error  | /expression | %2B
            expression=x+%E2%88%9Ay&in.x=1&in.y=2       | syntax-error  | /expression | %2B
            expression=f=x%0Af+=1&in.x=1               | syntax-error  | /expression | %2B
            expression=x%5E2&in.x=1e+5                 | wrong-type    | /inputs/x   | %2B
            expression=x%5E2&in.x=one                  | wrong-type    | /inputs/x   | -
            expression=x%5E2&x=3                       | unknown-field | -           | in.x=
            expression=x%5E2&in.x=3&output_=f          | unknown-field | -           | output
            expression=x%5E2&in.x=3&jacobian=all       | unknown-field | -           | jacobians
            expression=x%5E2&in.x=3&graph=1            | unknown-field | -           | in.graph
            expression=x%5E2&inputs=%7Bx:3%7D          | malformed-json | /inputs    | -
            expression=x%5E2&inputs=%7B%22x%22:1,%22x%22:2%7D | malformed-json | /inputs/x | -
            expression=x%5E2&inputs=%7B%7D&in.x=3      | bad-request   | -           | -
            expression=x%5E2&in.x=3&in.x=4             | bad-request   | -           | -
            expression=x%5E2&in.x=%E0                  | bad-request   | -           | UTF-8
            in.x=3                                     | invalid-value | /expression | expression=
            expression=y%5E2&in.x=3                    | missing-input | /expression | add in.y=
            expression=y%5E2&inputs=%7B%22x%22:1%7D    | missing-input | /expression | add "y" to inputs
            """)
    void sayWhatIsWrong(String query, String code, String pointer, String hint) {
        HttpResponse<String> response = get("/v1/gradient?" + query);
        JsonNode error = json(response).path("errors").path(0);
        assertThat(error.path("code").asString()).as(response.body()).isEqualTo(code);
        assertThat(error.path("pointer").asString("-")).isEqualTo(pointer);
        assertThat(error.path("hint").asString("-")).contains(hint.equals("-") ? "" : hint);
        assertThat(response.headers().firstValue("ETag")).isEmpty();
        assertThat(json(response).path("fixed_expression").isMissingNode()).isTrue();
        assertThat(json(response).path("instance").asString()).isEqualTo("/v1/gradient");
    }

    /** Where a body has a pointer, a link has the name of a parameter. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/gradient | expression=x%5E2&in.x=one                          | in.x       | found the string "one"
            /v1/gradient | expression=x%5E2&inputs=%7B%22x%22:%22one%22%7D    | inputs     | found the string "one"
            /v1/gradient | expression=x%5E2&inputs=%7B%22x%22:1,%22x%22:2%7D  | inputs     | Duplicate Object property "x"
            /v1/gradient | expression=x%5E2&inputs=%7B%22x%22:1%7D%7D         | inputs     | is no JSON
            /v1/gradient | expression=x%5E2&in.x=1&wrt=y                      | wrt        | there is no node 'y'
            /v1/gradient | expression=x%5E&in.x=1                             | expression | a value is missing
            /v1/gradient | expression=x&in.x=1&in.x=2                         | in.x       | given 2 times
            /v1/gradient | expression=x&in.x=1&colour=red                     | colour     | there is no parameter
            /v1/render.svg | expression=x&in.x=1&digits=20                    | digits     | from 1 to 17
            /v1/render.svg | expression=x&in.x=1&format=jpeg                  | format     | is none of [svg
            /v1/plot.svg | expression=x&format=png                            | format     | there is no parameter 'format'
            /v1/plot.svg | expression=x&ranges=%7B%22x%22:%5B2,1%5D%7D        | ranges     | not greater
            /v1/plot.svg | expression=x&ranges=x                              | ranges     | is no JSON
            /v1/plot.svg | expression=x*y*z                                   | inputs     | one or two inputs
            /v1/ops/relu/plot.svg | theme=light&foo=1                         | foo        | there is no parameter 'foo'
            /v1/ops/relu/plot.svg | in.x=1                                    | in.x       | there is no parameter 'in.x'
            /v1/ops/relu/plot.svg | theme=red                                 | theme      | is none of [light
            /v1/ops/relu/plot.svg | theme=dark&theme=light                    | theme      | given 2 times
            """)
    void nameTheParameterThatIsWrong(String path, String query, String parameter, String message) {
        JsonNode error = json(get(path + "?" + query)).path("errors").path(0);
        assertThat(error.path("parameter").asString()).as(error.toString()).isEqualTo(parameter);
        assertThat(error.path("message").asString()).contains(message);
    }

    @Test
    void opensGatesThatAreListedWithCommas() {
        for (String gates : List.of("a,f", "[\"a\",\"f\"]", "expand")) {
            String body = get("/v1/render.svg?expression=a=sigmoid(x);f=sigmoid(a)&in.x=1&gates=" + encoded(gates)).body();
            assertThat(body).as(gates).contains("data-node=\"a/exp_1\"", "data-node=\"f/exp_1\"");
        }
        assertThat(get("/v1/render.svg?expression=a=sigmoid(x);f=sigmoid(a)&in.x=1&gates=f").body()).contains("data-node=\"f/exp_1\"")
                .doesNotContain("data-node=\"a/exp_1\"");
    }

    @Test
    void listNodesWithCommas() {
        JsonNode answer = json(get("/v1/gradient?expression=q=x*2;r=q*q;f=r*r&in.x=1&nodes=q,f"));
        assertThat(answer.path("nodes")).extracting(node -> node.path("id").asString()).containsExactly("q", "f");
    }

    /** Tomcat refuses an address that is longer than its buffer, before it has read it. */
    @ParameterizedTest
    @CsvSource({"12000, 200", "17000, 414", "70000, 414"})
    void mayHaveSixteenKilobytes(int length, int status) throws IOException {
        String query = "expression=" + "x*".repeat(length / 2) + "x&in.x=1&nodes=none&diagnostics=none";
        String answer = raw("/v1/gradient?" + query);
        assertThat(answer).startsWith("HTTP/1.1 " + status);
        if (status == 414) {
            assertThat(answer).contains("application/problem+json", "uri-too-long", "16384", "by POST");
        }
    }

    @Test
    void areAnsweredToHeadWithoutABody() {
        HttpResponse<String> head = send("HEAD", PICTURE, BodyPublishers.noBody());
        HttpResponse<String> whole = get(PICTURE);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        for (String header : new String[]{"Content-Type", "ETag", "Cache-Control", "Content-Language", "Content-Security-Policy"}) {
            assertThat(head.headers().firstValue(header)).as(header).isPresent().isEqualTo(whole.headers().firstValue(header));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/render.svg?expression=x%5E2&in.x=3", "/v1/plot.svg?expression=x%5E2", "/v1/ops/relu/plot.svg?"})
    void speakTheLanguageOfTheClient(String link) {
        HttpResponse<String> korean = get(link, "Accept-Language", "ko-KR, en;q=0.5");
        assertThat(korean.body()).contains("xml:lang=\"ko\"");
        assertThat(korean.headers().firstValue("Content-Language")).hasValue("ko");
        assertThat(String.join(",", korean.headers().allValues("Vary")).toLowerCase(Locale.ROOT)).contains("accept-language");
        HttpResponse<String> english = get(link, "Accept-Language", "fr");
        assertThat(english.body()).contains("xml:lang=\"en\"");
        String tag = english.headers().firstValue("ETag").orElseThrow();
        assertThat(korean.headers().firstValue("ETag")).isPresent().isNotEqualTo(english.headers().firstValue("ETag"));
        assertThat(get(link, "Accept-Language", "ko", "If-None-Match", tag).statusCode()).isEqualTo(200);
        assertThat(get(link + "&lang=ko", "Accept-Language", "en").body()).isEqualTo(korean.body());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            image/png                                   | 406
            image/svg+xml;q=0, image/png                | 406
            nonsense                                    | 406
            image/avif,image/webp,image/*,*/*;q=0.8     | 200
            image/svg+xml                               | 200
            image/png, image/svg+xml;q=0.1              | 200
            """)
    void drawWhereSvgIsAccepted(String accept, int status) {
        for (String link : new String[]{PICTURE, "/v1/plot.svg?expression=x%5E2", "/v1/ops/relu/plot.svg"}) {
            HttpResponse<String> response = get(link, "Accept", accept);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
            if (status == 406) {
                assertThat(json(response).at("/errors/0/expected").asString()).isEqualTo("image/svg+xml");
            }
        }
    }

    @Test
    void takeAFormsBlanksForBlanks() {
        String text = "a = 0\nfor i in range(3):\n  a = a + x * i\na if 2 > 1 else 3";
        HttpResponse<String> response = get("/v1/gradient?expression=" + encoded(text) + "&in.x=2");
        assertThat(json(response).path("value").asDouble()).as(response.body()).isEqualTo(6);
    }

    @Test
    void mayCostLessThanAPost() {
        String program = "sum([x * i for i in range(20000)])";
        HttpResponse<String> response = get("/v1/gradient?nodes=none&expression=" + encoded(program) + "&in.x=2");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(errors(response)).containsExactly("limit-exceeded -");
        assertThat(response.body()).contains("POST");
        assertThat(post("/v1/gradient", "{\"expression\": \"" + program + "\", \"inputs\": {\"x\": 2}, \"nodes\": \"none\"}").statusCode())
                .isEqualTo(200);
    }

    @Test
    void areKnownByTheirTags() {
        HttpResponse<String> first = get(PICTURE);
        String tag = first.headers().firstValue("ETag").orElseThrow();
        assertThat(tag).startsWith("W/\"");
        assertThat(first.headers().firstValue("Cache-Control").orElseThrow()).contains("max-age=");
        for (String known : new String[]{tag, "\"other\", " + tag, "*", tag.substring(2)}) {
            HttpResponse<String> again = get(PICTURE, "If-None-Match", known);
            assertThat(again.statusCode()).as(known).isEqualTo(304);
            assertThat(again.body()).isEmpty();
            assertThat(again.headers().firstValue("ETag")).hasValue(tag);
            assertThat(again.headers().firstValue("Cache-Control")).isEqualTo(first.headers().firstValue("Cache-Control"));
        }
        assertThat(get(PICTURE, "If-None-Match", "W/\"other\"").statusCode()).isEqualTo(200);
        assertThat(send("HEAD", PICTURE, BodyPublishers.noBody()).headers().firstValue("ETag")).hasValue(tag);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`',
            textBlock = """
                    /v1/render.svg?expression=x%5E2&in.x=3,   /v1/render.svg?in.x=3&expression=x^2,        true
                    /v1/render.svg?expression=x%5E2&in.x=3,   /v1/render.svg?expression=x%5E2&in.x=4,      false
                    /v1/render.svg?expression=x%5E2&in.x=3,   /v1/render.svg?expression=x%5E2&in.x=3&step=1, false
                    /v1/render.svg?expression=x%5E2&in.x=3,   /v1/render.svg?expression=x%5E2&in.x=3&format=png, false
                    /v1/render.svg?expression=x%5E2&in.x=3,   /v1/render.svg?expression=x%5E2&in.x=3.0&theme=auto&format=svg&digits=3, true
                    /v1/render.svg?expression=x%5E2&in.x=3,   /v1/render.svg?expression=x%5E2&inputs={"x":3e0}&nodes=all&gates=as_written&lang=en, true
                    /v1/render.svg?expression=x%5E2&in.x=3,   /v1/render.svg?expression=x%5E2&in.x=3&theme=dark, false
                    /v1/plot.svg?expression=x%5E2,            /v1/plot.svg?expression=x%5E2&theme=auto,       true
                    /v1/plot.svg?expression=x%5E2,            `/v1/plot.svg?expression=x%5E2&ranges={"x":[-1,2]}`, false
                    `/v1/plot.svg?expression=x%5E2&ranges={"x":[-1,2]}`, `/v1/plot.svg?expression=x%5E2&ranges={"x":[-1.0,2e0]}`, true
                    /v1/gradient?expression=x%5E2&in.x=3,     /v1/gradient?expression=x%5E2&in.x=+3.0&jacobians=auto, true
                    /v1/gradient?expression=x%5E2&in.x=3,     /v1/gradient?expression=x%5E2&in.x=3&wrt=x,     false
                    /v1/render.svg?expression=x%5E2&in.x=3,   /v1/gradient?expression=x%5E2&in.x=3,        false
                    """)
    void haveTagsOfTheirOwn(String one, String other, boolean same) {
        String tag = get(sendable(one)).headers().firstValue("ETag").orElseThrow();
        assertThat(get(sendable(other)).headers().firstValue("ETag").orElseThrow().equals(tag)).isEqualTo(same);
    }

    private static String sendable(String link) {
        return link.replace("^", "%5E").replace("{", "%7B").replace("}", "%7D").replace("\"", "%22").replace("[", "%5B").replace("]",
                "%5D");
    }

    /** The tag is compared before anything is computed: these programs would be refused. */
    @ParameterizedTest
    @ValueSource(strings = {"x*y", "x %5E"})
    void computeNothingForAClientThatHasTheAnswer(String expression) {
        String query = "expression=" + expression.replace(" ", "%20") + "&in.x=1";
        String asked = controller.asked(reader.read(LinkQuery.of(query), GradientRequest.class), new MockHttpServletRequest());
        String tag = revision.tag("/v1/gradient", asked, "en").formattedTag();
        assertThat(get("/v1/gradient?" + query, "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(get("/v1/gradient?" + query, "If-None-Match", "*").statusCode()).as("there is no answer").isEqualTo(422);
        assertThat(get("/v1/gradient?" + query, "If-None-Match", "W/\"other\"").statusCode()).isEqualTo(422);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TAG                     | 304
            W/"a", TAG              | 304
            "a,b", TAG , "c"        | 304
            *                       | 304
            W/"a", "b"              | 200
            unquoted                | 200
            "                       | 200
            """)
    void readEveryFormOfIfNoneMatch(String known, int status) {
        String tag = get(PICTURE).headers().firstValue("ETag").orElseThrow();
        assertThat(get(PICTURE, "If-None-Match", known.replace("TAG", tag)).statusCode()).isEqualTo(status);
        assertThat(get(PICTURE, "If-None-Match", "\"a\"", "If-None-Match", tag).statusCode()).as("two headers").isEqualTo(304);
    }

    @Test
    void leaveNoTraceInTheLog(CapturedOutput output) throws IOException {
        String id = UUID.randomUUID().toString();
        get("/v1/gradient?expression=secret*47110815&in.secret=81504711", "Request-Id", id);
        get("/v1/render.svg?expression=secret*47110815*unknown&in.secret=81504711", "Request-Id", id);
        get("/v1/gradient?secret47110815=81504711", "Request-Id", id);
        assertThat(raw("/v1/gradient?expression=secret 47110815*\u00e9")).startsWith("HTTP/1.1 400");
        await().until(() -> output.getOut().lines().filter(line -> line.contains(id)).count() >= 3);
        assertThat(output).doesNotContain("secret", "47110815", "81504711");
    }
}
