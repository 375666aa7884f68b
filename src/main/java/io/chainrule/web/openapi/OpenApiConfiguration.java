package io.chainrule.web.openapi;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.web.json.EncodedTensor;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.servers.Server;
import java.util.List;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Describes the service as a whole, and the values whose JSON has no fixed form. */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
    private static final String DESCRIPTION = """
            Gradients over HTTP. Post a program, as NumPy-like text, as a graph of operations or as the layers of a network, with the values of its \
            inputs, and get its value, its derivatives, and those of every node on the way, as the chain rule produces them.

            Everything is float64. **A value** is a number, nested arrays of numbers, or an array object \
            `{"shape": [2], "dtype": "float64", "data": {"buffer": [1, 2], "encoding": "json"}}`, whose encoding may be base64 \
            (little-endian, C order; float32, int32, int64 and bool are widened). NaN and infinities are the strings \
            "NaN", "Infinity" and "-Infinity"; true and false are read as 1 and 0. Answers use nested arrays, \
            and array objects in base64 where the request says `"arrays": "base64"` \
            or brackets could not show the array, as with [1000000, 0].

            Requests are read strictly: an unknown field, a number in quotes or a name given twice is an error that says where. \
            An optional field that is null is absent. Errors are problem details (RFC 9457); their `type` is the address of a page of help.
            """;

    static {
        SpringDocUtils.getConfig().replaceWithClass(Tensor.class, Object.class).replaceWithClass(EncodedTensor.class, Object.class)
                .replaceWithClass(NodeSelection.class, Object.class).replaceWithClass(Shape.class, int[].class);
    }

    @Bean
    OpenAPI document(ObjectProvider<BuildProperties> build) {
        String version = build.stream().map(BuildProperties::getVersion).findFirst().orElse("development");
        return new OpenAPI().info(new Info().title("Chainrule").version(version).description(DESCRIPTION))
                .servers(List.of(new Server().url("/").description("This service")));
    }
}
