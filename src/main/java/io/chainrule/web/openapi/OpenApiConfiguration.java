package io.chainrule.web.openapi;

import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.web.json.ColumnNames;
import io.chainrule.web.json.EncodedTensor;
import io.chainrule.web.json.RawJson;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.servers.Server;
import java.util.List;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Describes the service as a whole, and the values whose JSON has no fixed form. */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
    /** Leads to the page on how programs are written. */
    private static final String NOTATION = """
            **Expressions** are written as in a notebook of NumPy or PyTorch, or as on a slide: `GET /v1/notation` lists every form with \
            the text that it means.

            """;

    private static final String DESCRIPTION = """
            Post a program and get its value, its derivatives, and those of every node on the way, as the chain rule produces them. \
            A program is NumPy-like text, a graph of operations, or the layers of a network.

            **Try first:** open **POST /v1/gradient** below, choose an example and press *Execute*, or in a shell

            ```
            curl -s localhost:8080/v1/gradient -H 'Content-Type: application/json' \\
              -d '{"expression": "f = (x + y) * z", "inputs": {"x": -2, "y": 5, "z": -4}}'
            ```

            which answers the value -12 and the gradients x: -4, y: -4, z: 3. **Then** see the derivative as a formula (`/v1/derivative`), \
            have it checked against differences (`/v1/check`), train XOR (`/v1/train`), or look up what an op does (`/v1/ops/softmax`).

            """ + NOTATION
            + """
                    Everything is float64. **A value** is a number, nested arrays of numbers, or an array object `{"shape": [2], "dtype": \
                    "float64", "data": {"buffer": [1, 2], "encoding": "json"}}`, whose encoding may be base64 (little-endian, C order; \
                    float32, float16, int64, int32, int16, int8, uint8 and bool are widened). NaN and infinities are the strings "NaN", \
                    "Infinity" and "-Infinity"; true and false are read as 1 and 0. Answers use nested arrays, and array objects in base64 \
                    where the request says `"arrays": "base64"` or brackets could not show the array, as with [1000000, 0].

                    Requests are read strictly: an unknown field, a number in quotes or a name given twice is an error that says where. An \
                    optional field that is null is absent. Errors are problem details (RFC 9457); their `type` is the address of a page of \
                    help. A body of JSON may be compressed by gzip, files of models and data sets may not; an answer is where \
                    `Accept-Encoding` allows it. Every answer has a header `Request-Id`, the request's or a new one, which problems and \
                    the log tell too.
                    """;

    static {
        SpringDocUtils.getConfig().replaceWithClass(Tensor.class, Object.class).replaceWithClass(EncodedTensor.class, Object.class)
                .replaceWithClass(NodeSelection.class, Object.class).replaceWithClass(GateForm.class, Object.class)
                .replaceWithClass(RawJson.class, Object.class).replaceWithClass(ColumnNames.class, Object.class)
                .replaceWithClass(Shape.class, int[].class);
    }

    @Bean
    OpenAPI document(ObjectProvider<BuildProperties> build, @Value("${server.servlet.context-path:}") String base) {
        String version = build.stream().map(BuildProperties::getVersion).findFirst().orElse("development");
        return new OpenAPI().info(new Info().title("Chainrule: gradients over HTTP").version(version).description(DESCRIPTION))
                .servers(List.of(new Server().url(base.isEmpty() ? "/" : base).description("This service")));
    }
}
