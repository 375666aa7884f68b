package io.chainrule.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.chainrule.web.HttpTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What becomes of parameters that an endpoint does not have. */
class ParameterCheckTest extends HttpTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "GET | /v1/models?license=MIT | license | licence",
            "GET | /v1/models?prefix=a&sort=name | sort | prefix, tag, licence, deleted, after, limit",
            "GET | /v1/models/none/versions?page=2 | page | after, limit",
            "GET | /v1/models/none?version=2 | version | none",
            "GET | /v1/models/none/aliases?limit=2 | limit | none",
            "GET | /v1/jobs?state=running | state | status, kind, after, limit",
            "GET | /v1/jobs/none?full=1 | full | none",
            "DELETE | /v1/jobs/none?onyl=active | onyl | only",
            "GET | /v1/datasets?tag=a | tag | prefix, after, limit",
            "GET | /v1/datasets/none/file?rows=3 | rows | none",
            "GET | /v1/ops?category=loss | category | none",
            "GET | /v1/notation?%66oo | foo | none",
            "DELETE | /v1/models/none?version=2 | version | none",
            "DELETE | /v1/datasets/none?version=2 | version | none"})
    void anUnknownParameterIsRefused(String method, String path, String parameter, String told) {
        HttpResponse<String> response = send(method, path, BodyPublishers.noBody());
        assertThat(errors(response)).as(response.body()).containsExactly("unknown-field -");
        JsonNode error = json(response).at("/errors/0");
        assertThat(error.path("parameter").asString()).isEqualTo(parameter);
        assertThat(error.path("expected").asString() + error.path("hint").asString()).contains(told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models?", "/v1/models?limit=3", "/v1/jobs?status=running&kind=fit", "/v1/ops",
            "/v1/ops/relu/plot.svg?theme=dark", "/v1/gradient?expression=x&in.x=1"})
    void whatAnEndpointHasIsTaken(String path) {
        assertThat(get(path).statusCode()).isEqualTo(200);
    }

    /** One of the values would be taken, or all of them as one text, so that a list answered something else than was asked. */
    @ParameterizedTest
    @CsvSource({"/v1/models?limit=3&limit=3, limit", "/v1/models?limit=1&limit=2, limit", "/v1/models?licence=MIT&licence=MIT, licence",
            "/v1/jobs?status=running&status=queued, status"})
    void aParameterThatIsGivenTwiceIsRefused(String path, String parameter) {
        HttpResponse<String> refused = get(path);
        assertThat(errors(refused)).as(refused.body()).containsExactly("bad-request -");
        assertThat(json(refused).at("/errors/0/message").asString()).isEqualTo("the parameter '" + parameter + "' is given 2 times");
        assertThat(json(refused).at("/errors/0/parameter").asString()).isEqualTo(parameter);
    }

    /** Where a request has a body, nothing is asked beside it; and scripts add parameters of their own to the address of a stream. */
    @ParameterizedTest
    @CsvSource({"POST, /v1/gradient?trace=1, 200", "GET, /v1/jobs/none/events?lastEventId=3, 404"})
    void otherParametersChangeNothing(String method, String path, int status) {
        HttpResponse<String> response = method.equals("GET")
                ? get(path)
                : post(path, "{\"expression\": \"x\", \"inputs\": {\"x\": 1}}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    }

    /** Also where the parameter is one that the endpoint has. */
    @ParameterizedTest
    @ValueSource(strings = {"/v1/models?prefix=%FF", "/v1/jobs?kind=%FF", "/v1/optimizers/adam?x=%FF", "/v1/ops?%C3=1"})
    void aQueryThatCannotBeDecodedIsRefused(String path) {
        HttpResponse<String> refused = get(path);
        assertThat(errors(refused)).as(refused.body()).containsExactly("bad-request -");
        assertThat(refused.body()).contains("UTF-8");
    }
}
