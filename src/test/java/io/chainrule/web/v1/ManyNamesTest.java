package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.service.program.TestService;
import io.chainrule.web.WithoutServer;
import java.io.UnsupportedEncodingException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each field that holds names holds no more of them than a program may have nodes, since each takes time and memory. */
class ManyNamesTest {
    private static final WithoutServer SERVICE = new WithoutServer();
    private static final int MOST = TestService.limits().nodes();

    private static String names(int count, String each) {
        return IntStream.range(0, count).mapToObj(i -> each.formatted(i)).collect(Collectors.joining(","));
    }

    /** Whether the answer says that the field has too many names. */
    private static boolean isTooMany(String endpoint, String field, String form, int count) throws UnsupportedEncodingException {
        String value = form.replace("FEWER", "[" + names(count - 1, "\"n%d\"") + "]").replace("LIST", "[" + names(count, "\"n%d\"") + "]")
                .replace("VALUES", "{" + names(count, "\"n%d\":1") + "}")
                .replace("TEXTS", "{" + names(count, "\"n%d\":\"1\"") + "}")
                .replace("SHAPES", "{" + names(count, "\"n%d\":[]") + "}");
        String answer = SERVICE.post("/v1/" + endpoint, "{\"expression\":\"x\",\"" + field + "\":" + value + "}").getContentAsString();
        JsonNode errors = JsonMapper.shared().readTree(answer).path("errors");
        return errors.values().stream().anyMatch(error -> error.path("code").asString().equals("limit-exceeded")
                && error.path("pointer").asString().equals("/" + field) && error.path("message").asString().contains(count + " names")
                && error.path("actual").asString().equals(String.valueOf(count)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            evaluate   | inputs     | VALUES
            evaluate   | parameters | VALUES
            evaluate   | nodes      | LIST
            evaluate   | batch      | LIST
            gradient   | wrt        | LIST
            gradient   | gates      | LIST
            vjp        | cotangents | VALUES
            jvp        | tangents   | VALUES
            jvp        | of         | LIST
            jacobian   | of         | LIST
            jacobian   | pairs      | {"n":FEWER}
            graph      | shapes     | SHAPES
            derivative | shapes     | SHAPES
            hvp        | vectors    | VALUES
            train      | validation | {"inputs":VALUES}
            grade      | claims     | TEXTS
            grade      | answers    | VALUES
            """)
    void areRefusedInEachField(String endpoint, String field, String form) throws UnsupportedEncodingException {
        assertThat(isTooMany(endpoint, field, form, MOST)).as("as many as allowed").isFalse();
        assertThat(isTooMany(endpoint, field, form, MOST + 1)).as("one more").isTrue();
    }
}
