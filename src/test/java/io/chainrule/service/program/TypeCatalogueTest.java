package io.chainrule.service.program;

import static io.chainrule.service.program.TestService.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.core.op.Catalogue;
import io.chainrule.service.program.TypeCatalogue.Form;
import io.chainrule.service.program.TypeCatalogue.Option;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is known of the parts of a request that have a type. */
class TypeCatalogueTest {
    @ParameterizedTest
    @EnumSource
    void hasEachTypeByItsName(TypeCatalogue catalogue) {
        assertThat(catalogue.all()).isNotEmpty().extracting(Catalogue.Entry::name).containsExactlyElementsOf(catalogue.names());
        assertThat(catalogue.all()).allSatisfy(type -> assertThat(catalogue.find(type.name())).containsSame(type));
        assertThat(catalogue.find("none")).isEmpty();
        assertThat(catalogue.unknown("none").message()).startsWith("there is no ").endsWith(" 'none'");
    }

    @ParameterizedTest
    @EnumSource
    void hasEachOptionOfEachType(TypeCatalogue catalogue) {
        assertThat(catalogue.all()).allSatisfy(type -> assertThat(catalogue.options().keySet())
                .containsAll(type.options().stream().map(option -> option.name()).toList()));
    }

    @ParameterizedTest
    @CsvSource({"LAYERS, units, WHOLE_NUMBER", "LAYERS, rate, NUMBER", "LAYERS, activation, TEXT", "LAYERS, shape, ANY",
            "LAYERS, causal, BOOLEAN", "LAYERS, padding, ANY", "OPTIMIZERS, betas, NUMBERS", "OPTIMIZERS, lr, NUMBER",
            "SCHEDULES, unit, TEXT", "LOSSES, log_target, BOOLEAN"})
    void anOptionHasAFormInJson(TypeCatalogue catalogue, String option, Form form) {
        assertThat(at(catalogue.options(), option).form()).isEqualTo(form);
    }

    /** Options of activations are options of the layers that have one. */
    @Test
    void layersHaveTheOptionsOfTheirActivations() {
        assertThat(TypeCatalogue.LAYERS.options()).containsKeys("negative_slope", "lambd");
        assertThat(TypeCatalogue.OPTIMIZERS.options()).doesNotContainKey("negative_slope");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    LOSSES       | reduction   | 'mean', 'sum' or 'none'; default mean
                    LOSSES       | delta       | huber: up to where it is a parabola; default 1.0
                    INITIALIZERS | value       | constant: of every element; required
                    SCHEDULES    | t_max       | cosine: when the lowest rate is reached; at the end if left out; at least 1
                    OPTIMIZERS   | weight_decay| sgd, rmsprop, adam, adagrad: how much of a parameter is added to its gradient; at least 0; default 0.0. \
                                                adamw: how much of a parameter is taken from it, times the learning rate; at least 0; default 0.01
                    """)
    void aDescriptionNamesTheTypesUnlessAllHaveTheOption(TypeCatalogue catalogue, String option, String description) {
        assertThat(at(catalogue.options(), option).description()).isEqualTo(description.replaceAll(" +", " "));
    }

    /** That of a type that is shown with it, or else its default. */
    @Test
    void anOptionHasAnExample() {
        Option momentum = at(TypeCatalogue.OPTIMIZERS.options(), "momentum");
        assertThat(momentum.example()).isEqualTo(0.9);
        assertThat(at(TypeCatalogue.OPTIMIZERS.options(), "dampening").example()).isEqualTo(0.0);
        assertThat(at(TypeCatalogue.LAYERS.options(), "pieces").example()).isNull();
    }
}
