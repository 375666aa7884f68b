package io.chainrule.web.problem;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Which endpoint was meant by an address at which there is none. */
class NearestEndpointTest {
    private static final String NONE = "the endpoints are under /v1, as POST /v1/gradient; GET /v3/api-docs describes them all";

    private final RequestMappingHandlerMapping mapping = new RequestMappingHandlerMapping();
    private final NearestEndpoint nearest;

    NearestEndpointTest() throws NoSuchMethodException {
        map("/v1/gradient", RequestMethod.GET);
        map("/v1/gradient", RequestMethod.POST);
        map("/v1/plot", RequestMethod.POST);
        map("/v1/networks/training", RequestMethod.POST);
        map("/v1/ops", RequestMethod.GET);
        map("/v1/ops/{name}", RequestMethod.GET);
        map("/v1/ops/{name}/plot", RequestMethod.GET);
        map("/v1/jacobian", RequestMethod.PUT, RequestMethod.POST);
        map("/problems/{code}", RequestMethod.GET);
        map("/surface", RequestMethod.GET);
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        beans.addBean("mapping", mapping);
        nearest = new NearestEndpoint(beans.getBeanProvider(RequestMappingHandlerMapping.class));
    }

    private void map(String path, RequestMethod... methods) throws NoSuchMethodException {
        mapping.registerMapping(RequestMappingInfo.paths(path).methods(methods).options(mapping.getBuilderConfiguration()).build(), this,
                NearestEndpointTest.class.getDeclaredMethod("none"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # where a link stands beside it, it is that for POST
            /gradient                | POST /v1/gradient
            /v2/Gradient/            | POST /v1/gradient
            /v1/grad                 | POST /v1/gradient
            /v1/gradients            | POST /v1/gradient
            /v1/gardient             | POST /v1/gradient
            /v1/jacobian/            | POST, PUT /v1/jacobian
            # of two endpoints with the same name the first
            /v2/plot                 | GET /v1/ops/{name}/plot
            /v1/ops/relu/plto        | GET /v1/ops/{name}/plot
            /v1/networkstraining     | POST /v1/networks/training
            # not long enough for a beginning
            /v1/gr                   |
            /v1/nothing              |
            # a variable is no name
            /{name}                  |
            # what is no endpoint of the API is not named
            /v1/surface              |
            /                        |
            """)
    void isTheOneWithTheLikestNameOrPath(String path, @Nullable String endpoint) {
        assertThat(nearest.hint("", path)).isEqualTo(endpoint == null ? NONE : "did you mean '" + endpoint + "'?");
    }

    @Test
    void nobodyMeantAnEndpointByAVeryLongPath() {
        String gradient = "/gradient";
        assertThat(nearest.hint("", "/x".repeat(59) + "/" + gradient)).isNotEqualTo(NONE);
        assertThat(nearest.hint("", "/x".repeat(60) + gradient)).isEqualTo(NONE);
    }

    void none() {}
}
