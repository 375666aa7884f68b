package io.chainrule.web.v1.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.expression.Libraries;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.web.HttpTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the page of notation says is true: each form means its canonical text. */
class NotationPageTest extends HttpTest {

    static Stream<NotationResponse.Form> forms() {
        return NotationResponse.all().groups().stream().flatMap(group -> group.forms().stream());
    }

    @ParameterizedTest
    @MethodSource("forms")
    void meansItsCanonicalText(NotationResponse.Form form) {
        Map<String, Tensor> inputs = inputs(form);
        assertThat(value(form.written(), inputs)).isEqualTo(value(form.canonical(), inputs));
    }

    @Test
    void isThePageInTheDocumentation() throws IOException {
        assertThat(Files.readString(Path.of("docs/notation.md"))).as("docs/notation.md").isEqualTo(page());
    }

    @Test
    void isServed() {
        assertThat(json(get("/v1/notation")).path("groups").get(0).path("forms").get(0).path("canonical").asString())
                .isEqualTo("sum(x, axis=[0])");
        assertThat(json(get("/v1/notation/numpy")).path("prefixes").get(0).asString()).isEqualTo("np");
        assertThat(json(get("/v1/notation/nympy")).path("errors").get(0).path("hint").asString()).contains("numpy");
    }

    @Test
    void tablesOfLibrariesCanAllBeRead() {
        assertThat(Libraries.names()).allSatisfy(name -> assertThat(Libraries.find(name).orElseThrow().calls()).isNotEmpty());
    }

    private static Tensor value(String text, Map<String, Tensor> inputs) {
        return Program.parse(text).value().compile(Shapes.ofValues(inputs)).call(inputs).value();
    }

    /** Numbers between 0 and 1; whole ones for indices, which are called i and y beside scores. */
    private static Map<String, Tensor> inputs(NotationResponse.Form form) {
        Random random = new Random(1);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        form.shapes().forEach((name, dims) -> {
            Tensor value = Tensor.zeros(Shape.of(dims.stream().mapToInt(dim -> dim).toArray()));
            boolean isIndex = name.equals("i") || name.equals("y") && form.shapes().containsKey("scores");
            Arrays.setAll(value.data(), _ -> isIndex ? random.nextInt(2) : random.nextDouble());
            inputs.put(name, value);
        });
        return inputs;
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Notation

                How an expression may be written, and what it means: the text beside each form is the one that `/v1/graph` answers.
                `GET /v1/notation` answers the same as JSON, `GET /v1/notation/numpy` and its like the functions of other libraries.
                `NotationPageTest` compares this page with the service, and the value of each form with that of its text.

                A name that is given in `inputs`, or that a statement binds, wins over every spelling here. What has two meanings is
                refused, with both ways to write it.
                """);
        for (NotationResponse.Group group : NotationResponse.all().groups()) {
            page.append("\n## ").append(group.kind()).append("\n\n| written | means | |\n|---|---|---|\n");
            for (NotationResponse.Form form : group.forms()) {
                page.append("| ").append(code(form.written())).append(" | ").append(code(form.canonical())).append(" | ")
                        .append(form.means().replace("|", "\\|")).append(" |\n");
            }
        }
        page.append("\n## Functions of other libraries\n\n| table | prefixes | functions |\n|---|---|---|\n");
        for (String name : Libraries.names()) {
            Libraries.Table table = Libraries.find(name).orElseThrow();
            List<String> functions = table.calls().stream().map(call -> call.written().replaceAll("\\(.*", "")).distinct().toList();
            page.append("| `").append(name).append("` | ").append(String.join(" ", table.prefixes())).append(" | ")
                    .append(functions.size()).append(" |\n");
        }
        return page.toString();
    }

    private static String code(String text) {
        return Stream.of(text.split("\n", -1)).map(line -> "`" + line.replace("|", "\\|") + "`").reduce((a, b) -> a + "<br>" + b)
                .orElse("");
    }
}
