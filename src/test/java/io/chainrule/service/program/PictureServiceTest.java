package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.call;
import static io.chainrule.service.program.TestService.functions;
import static io.chainrule.service.program.TestService.limits;
import static io.chainrule.service.program.TestService.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chainrule.core.graph.LimitException;
import io.chainrule.core.graph.ProblemException;
import io.chainrule.core.language.Language;
import io.chainrule.core.picture.ClusterForm;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.core.picture.PictureOptions;
import io.chainrule.core.picture.Theme;
import io.chainrule.core.picture.WireWidth;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.service.run.Query;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Budget;
import io.chainrule.service.run.FunctionCache;
import io.chainrule.service.run.Limits;
import io.chainrule.service.run.Turns;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is computed for a picture, and what it may cost. */
class PictureServiceTest {
    private static final Query PRODUCT = call("f = x * y", "x", 3, "y", 7);

    private static PictureOptions options(boolean gradients, WireWidth wires) {
        return new PictureOptions(Theme.LIGHT, 3, null, gradients, ClusterForm.NONE, wires, Language.EN);
    }

    private static String svg(Query query, @Nullable Tensor cotangent, PictureOptions options, String... limits) {
        Answer.Drawing drawing = new PictureService(functions(limits), limits(limits)).draw(query, cotangent, options, PictureFormat.SVG)
                .result();
        assertThat(drawing.format()).isEqualTo(PictureFormat.SVG);
        return new String(drawing.file(), StandardCharsets.UTF_8);
    }

    @Test
    void showsValuesAndGradientsOrValuesAlone() {
        assertThat(svg(PRODUCT, null, options(true, WireWidth.PLAIN))).contains(">21<", ">7<", "gradients of the output");
        assertThat(svg(PRODUCT, null, options(false, WireWidth.PLAIN))).contains(">21<").doesNotContain("gradients of the output");
    }

    @Test
    void gradientsAreThoseOfTheCotangent() {
        assertThat(svg(PRODUCT, Tensor.scalar(100), options(true, WireWidth.PLAIN))).contains(">700<", ">300<");
        Query array = call("y = 2 * x", "x", vector(1, 2));
        assertThatThrownBy(() -> svg(array, null, options(true, WireWidth.PLAIN))).isInstanceOf(ProblemException.class);
        assertThat(svg(array, Tensor.vector(1, 1), options(true, WireWidth.PLAIN))).contains("[2, 2]");
        assertThat(svg(array, null, options(false, WireWidth.PLAIN))).contains("[2, 4]");
        assertThat(svg(array, Tensor.vector(1, 1), options(false, WireWidth.PLAIN))).as("without gradients it is not read")
                .isEqualTo(svg(array, null, options(false, WireWidth.PLAIN)));
    }

    @Test
    void wiresAreAsWideAsTheirContributions() {
        assertThat(svg(PRODUCT, null, options(true, WireWidth.CONTRIBUTION))).contains("contribution 7", "contribution 3");
        assertThat(svg(PRODUCT, null, options(true, WireWidth.PLAIN))).doesNotContain("contribution");
    }

    @Test
    void hasNoMorePartsAndPixelsThanAllowed() {
        LimitException parts = catchThrowableOfType(LimitException.class,
                () -> svg(PRODUCT, null, options(true, WireWidth.PLAIN), "picture-parts", "2"));
        assertThat(parts.limit()).isEqualTo("picture-parts");
        LimitException pixels = catchThrowableOfType(LimitException.class,
                () -> new PictureService(functions("picture-pixels", "100"), limits("picture-pixels", "100")).draw(PRODUCT, null,
                        options(true, WireWidth.PLAIN), PictureFormat.PNG));
        assertThat(pixels.limit()).isEqualTo("picture-pixels");
    }

    /** Whoever opens a page asks for all its links. */
    @Test
    void aLinkMayCostATenth() {
        Limits limits = limits("flops", "1000", "nodes", "100", "answer-bytes", "100000");
        Budget budget = new Budget(limits);
        LinkServices links = new LinkServices(new Admission(limits, budget, new Turns(limits)),
                new FunctionCache(limits, budget, new SimpleMeterRegistry()));
        assertThat(links.limits()).isEqualTo(limits.ofLinks());
        assertThat(links.limits().flops()).isEqualTo(100);
        Query much = call("f = sum(exp(x))", "x", new double[5000]);
        assertThat(Objects.requireNonNull(catchThrowableOfType(LimitException.class,
                () -> links.gradients().evaluate(much))).allowed()).isEqualTo(100);
        assertThat(catchThrowableOfType(LimitException.class,
                () -> links.pictures().draw(much, null, options(false, WireWidth.PLAIN), PictureFormat.SVG)).allowed()).isEqualTo(100);
        assertThat(catchThrowableOfType(LimitException.class, () -> links.plots().plot(call("f = sin(x)"),
                new PlotOptions(Theme.LIGHT, Language.EN, Map.of(), List.of(), null))).allowed()).isEqualTo(100);
        assertThat(links.gradients().evaluate(call("f = x + 1", "x", 1)).result().value()).isEqualTo(Tensor.scalar(2));
    }
}
