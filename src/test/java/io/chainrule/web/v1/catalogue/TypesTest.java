package io.chainrule.web.v1.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The catalogues of layers, losses, initializers, optimizers and schedules. */
class TypesTest extends HttpTest {

    private Stream<JsonNode> all(String catalogue) {
        return StreamSupport.stream(json(get("/v1/" + catalogue)).spliterator(), false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"layers", "losses", "initializers", "optimizers", "schedules"})
    void every_example_runs_as_it_stands(String catalogue) {
        assertThat(all(catalogue)).isNotEmpty().allSatisfy(type -> {
            HttpResponse<String> response = post(type.at("/example/endpoint").asString(), type.at("/example/request").toString());
            assertThat(response.statusCode()).as(type.path("example") + " " + response.body()).isEqualTo(200);
            assertThat(json(response).findValues("kind")).as(response.body()).noneMatch(kind -> kind.asString().equals("non-finite"));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"layers", "losses", "initializers", "optimizers", "schedules"})
    void one_is_told_as_in_the_list(String catalogue) {
        assertThat(all(catalogue)).allSatisfy(type -> {
            assertThat(json(get("/v1/" + catalogue + "/" + type.path("name").asString()))).isEqualTo(type);
            assertThat(type.path("description").asString()).isNotBlank();
        });
    }

    @Test
    void an_option_is_told_with_its_type_default_and_constraint() {
        assertThat(json(get("/v1/optimizers/adam")).path("options")).anySatisfy(option -> assertThat(option).hasToString(
                "{\"name\":\"lr\",\"type\":\"number\",\"required\":false,\"default\":0.001,\"constraint\":\"at least 0\","
                        + "\"description\":\"the learning rate, before any schedule\"}"));
        assertThat(json(get("/v1/schedules/warmup")).path("options")).anySatisfy(option -> {
            assertThat(option.path("name").asString()).isEqualTo("unit");
            assertThat(option.path("constraint").asString()).isEqualTo("one of [epoch, step]");
        });
    }

    @Test
    void a_layer_is_told_with_what_arrives_and_leaves_and_its_parameters() {
        JsonNode dense = json(get("/v1/layers/dense"));
        assertThat(dense.path("input")).hasToString("[\"batch\",\"…\",\"features\"]");
        assertThat(dense.path("output")).hasToString("[\"batch\",\"…\",\"units\"]");
        assertThat(dense.path("parameters")).hasToString("[{\"name\":\"weight\",\"shape\":\"[features, units]\","
                + "\"initial\":\"the initializer\"},{\"name\":\"bias\",\"shape\":\"[units]\",\"initial\":\"0\"}]");
    }

    @ParameterizedTest
    @CsvSource({"layers/dens, there is no layer type 'dens', dense", "losses/msee, there is no loss 'msee', mse",
            "initializers/he_norml, there is no initializer 'he_norml', he_normal",
            "optimizers/adm, there is no optimizer 'adm', adam", "schedules/cosin, there is no schedule 'cosin', cosine"})
    void a_name_that_none_has_is_answered_with_the_nearest(String path, String message, String nearest) {
        HttpResponse<String> response = get("/v1/" + path);
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(json(response).at("/errors/0/message").asString()).isEqualTo(message);
        assertThat(json(response).at("/errors/0/hint").asString()).isEqualTo("did you mean '" + nearest + "'?");
    }
}
