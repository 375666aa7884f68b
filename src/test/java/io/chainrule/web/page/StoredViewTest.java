package io.chainrule.web.page;

import static io.chainrule.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.chainrule.TestFolder;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.node.ObjectNode;

/** The view of models and jobs. */
@DirtiesContext
class StoredViewTest extends BrowserTest {
    private static final Pattern CURL = Pattern.compile("curl -s (?:-X (\\w+) )?http://localhost:(\\d+)(/\\S+) .*?-d '(.*)'",
            Pattern.DOTALL);
    private static final String GATE = """
            {"expression": "h = tanh(W @ x + b)\\ny = sigmoid(sum(v * h))",
             "inputs": {"W": [[0.5, -1], [1, 0.25]], "b": [0.1, -0.2], "v": [2, -1]},
             "declares": {"x": {"shape": [2], "range": [-1, 1], "text": "a point of the square"}},
             "outputs": {"h": "the hidden units"}, "description": "a gate of two units", "licence": "CC0-1.0", "tags": ["small"]}""";
    /** As if another tab were shown. */
    private static final String HIDE = """
            isHidden => {
              Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
              document.dispatchEvent(new Event('visibilitychange'));
            }""";
    private static final String LINE = "\"expression\": \"(w * x + b - y)^2\", \"inputs\": {\"w\": 0, \"b\": 0, \"x\": [1, 2, 3, 4], "
            + "\"y\": [3, 5, 7, 9]}, \"wrt\": [\"w\", \"b\"], \"batch\": [\"x\", \"y\"]";

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "stored-");
    }

    /** Each test begins with a service that has neither models nor jobs. */
    @BeforeEach
    void empty() {
        json(get("/v1/models")).path("models").forEach(model -> delete("/v1/models/" + model.path("name").asString()));
        await().until(() -> {
            json(get("/v1/jobs")).path("jobs").forEach(job -> delete("/v1/jobs/" + job.path("id").asString()));
            return json(get("/v1/jobs")).path("jobs").isEmpty();
        });
    }

    private void delete(String path) {
        send("DELETE", path, BodyPublishers.noBody());
    }

    private void put(String name, String model) {
        HttpResponse<String> response = send("PUT", "/v1/models/" + name, BodyPublishers.ofString(model), "Content-Type",
                "application/json");
        assertThat(response.statusCode()).as(response.body()).isIn(200, 201);
    }

    /** Begins a job and returns its id. */
    private String begin(String kind, String request) {
        HttpResponse<String> response = post("/v1/jobs", "{\"kind\": \"" + kind + "\", \"request\": {" + request + "}}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        return json(response).path("id").asString();
    }

    private String beginLongTraining() {
        return begin("train", LINE + ", \"epochs\": 100000000, \"optimizer\": {\"type\": \"adam\", \"lr\": 0.001}");
    }

    private Locator link(String text) {
        return on(".entries:visible a:text-is('" + text + "')");
    }

    /** The page writes its address a moment after what it shows has changed. */
    private void waitForAddress(String... parts) {
        page.waitForFunction("parts => parts.every(part => location.hash.includes(part))", List.of(parts));
    }

    private Object focused() {
        return page.evaluate("() => document.activeElement.id");
    }

    /** Sends what the page says may be sent. */
    private HttpResponse<String> sendSample() {
        Matcher curl = CURL.matcher(String.valueOf(on(".list-note pre:visible").textContent()));
        assertThat(curl.matches()).isTrue();
        assertThat(curl.group(2)).isEqualTo(String.valueOf(port));
        return send(curl.group(1) == null ? "POST" : curl.group(1), curl.group(3), BodyPublishers.ofString(curl.group(4)), "Content-Type",
                "application/json");
    }

    @Test
    void tellsWhatToDoWhereNothingIsStored() {
        open("#view=stored");
        waitForText(".list-note", "No model is stored yet");
        assertThat(sendSample().statusCode()).isIn(200, 201);
        on("#refresh").click();
        link("line").waitFor();
        on("label:has-text('Jobs')").click();
        waitForText(".list-note", "There are no jobs yet");
        assertThat(sendSample().statusCode()).isEqualTo(202);
        on("#refresh").click();
        waitForText(".entries:visible li", "Training");
        waitForAddress("view=stored", "list=jobs");
    }

    @Test
    void listsModelsByPagesAndFilters() {
        IntStream.range(10, 38).forEach(i -> put("m" + i, "{\"expression\": \"y = " + i + " * x\", \"tags\": [\"t" + i % 3 + "\"]}"));
        put("m12", "{\"expression\": \"y = 1.5 * x\", \"description\": \"twelve, once more\", \"tags\": [\"t0\"]}");
        open("#view=stored");
        waitForText(".entries:visible li", "m34");
        assertThat(on(".entries:visible li").count()).isEqualTo(25);
        assertThat(text(".entries:visible li:has-text('m12')")).contains("version 2", "twelve, once more", "t0");
        on(".more:visible").click();
        waitForText(".entries:visible li", "m37");
        assertThat(on(".more:visible").count()).isZero();
        assertThat(page.evaluate("() => document.activeElement.textContent")).as("the first of those that came").isEqualTo("m35");
        on("#tag").fill("t1");
        page.waitForFunction("() => document.querySelectorAll('.entries li').length === 10");
        on("#prefix").fill("m3");
        page.waitForFunction("() => document.querySelectorAll('.entries li').length === 3");
        waitForAddress("prefix=m3", "tag=t1");
        on("#prefix").fill("q");
        waitForText(".list-note", "No model has such a name and tag");
    }

    @Test
    void opensAModel() {
        put("gate", GATE);
        put("twice", "{\"expression\": \"y = gate(x) + gate(x)\", \"declares\": {\"x\": {\"shape\": [2]}}}");
        open("#view=stored");
        link("gate").click();
        waitForText("#model-title", "gate:");
        assertThat(focused()).isEqualTo("model-title");
        on("#in-circuit").waitFor();
        assertThat(String.join(" ", on(".opened:visible table").allTextContents())).contains("x", "[2]", "−1 … 1", "a point of the square",
                "the hidden units", "W", "[2, 2]");
        assertThat(text(".opened:visible dl")).contains("CC0-1.0", "latest", "a number");
        link("twice").click();
        on(".opened:visible dl a:text-is('gate')").click();
        waitForText("#model-title", "gate:");
        on("#in-circuit").click();
        on("g.node[data-node=y]").waitFor();
        assertThat(on("[data-input=W]").inputValue()).as("what the model keeps").contains("0.5").contains("0.25");
        // A link holds it.
        open("#view=stored&model=gate@latest", in("ko-KR"));
        on("#in-circuit:has-text('회로에서 열기')").waitFor();
    }

    @Test
    void callsAModelThatIsTooLargeForItsAddress() {
        String zeros = "[" + "0, ".repeat(399) + "1]";
        put("wide", "{\"expression\": \"y = dot(w, x[0] + v)\", \"inputs\": {\"w\": " + zeros + ", \"v\": " + zeros
                + "}, \"declares\": {\"x\": {\"shape\": [2], \"range\": [3, 3]}}}");
        open("#view=stored&model=wide");
        on("#in-circuit").click();
        waitForText(".output", "f = 4");
        assertThat(text(".cm-content")).isEqualTo("f = wide(x)");
    }

    @Test
    void tellsWhyAModelDoesNotFitIntoTheCircuit() {
        put("rows", "{\"expression\": \"y = 2 * x\", \"declares\": {\"x\": {\"shape\": [400]}}}");
        String wide = "{\"expression\": \"y = dot(w, x + w)\", \"inputs\": {\"w\": [" + "0, ".repeat(399)
                + "1]}, \"declares\": {\"x\": {\"shape\": []}}}";
        put("broad", wide);
        put("broad", wide.replace("1]", "2]"));
        open("#view=stored&model=rows");
        on("#in-circuit").click();
        waitForText(".opened:visible > [role=alert]", "Its inputs and its output are too large");
        open("#view=stored&model=broad:1", in("en-US"));
        on("#in-circuit").click();
        waitForText(".opened:visible > [role=alert]", "Only the latest version of a model");
    }

    @Test
    void makesUpInputsOfTheirRange() {
        put("narrow", "{\"expression\": \"y = a + b + c\", \"declares\": {\"a\": {\"shape\": [], \"range\": [1000.001, 1000.009]}, "
                + "\"b\": {\"shape\": [], \"range\": [-1, 1]}, \"c\": {\"shape\": [], \"range\": [0, 1000]}}}");
        open("#view=stored&model=narrow");
        on("#in-circuit").click();
        on("[data-input=c]").waitFor();
        assertThat(Double.parseDouble(on("[data-input=a]").inputValue())).isStrictlyBetween(1000.001, 1000.009);
        assertThat(Double.parseDouble(on("[data-input=b]").inputValue())).isBetween(-0.9, 0.9);
        assertThat(Double.parseDouble(on("[data-input=c]").inputValue())).isBetween(50.0, 950.0);
    }

    /** Every object of JavaScript has a property of this name. */
    @Test
    void opensAModelWhoseInputIsCalledAsAPropertyOfObjects() {
        put("odd", "{\"expression\": \"y = constructor + w\", \"inputs\": {\"w\": 1}, \"declares\": {\"constructor\": {\"shape\": []}}}");
        open("#view=stored&model=odd");
        on("#in-circuit").click();
        on("[data-input=constructor]").waitFor();
        open("#expression=f+%3D+constructor%5E2", in("en-US"));
        waitForText(".output", "f = 1");
    }

    @Test
    void asksAgainForAModelThatDidNotComeWhileItsVersionsDid() {
        complains(refused(502));
        put("gate", GATE);
        hurry();
        List<Route> asked = new ArrayList<>();
        page.route("**/v1/models/gate", route -> {
            asked.add(route);
            route.fulfill(page(502));
        });
        open("#view=stored&model=gate");
        waitForText(".opened:visible .about", "HTTP 502");
        page.evaluate(HIDE, true);
        page.waitForTimeout(500);
        int before = asked.size();
        passTenSeconds();
        assertThat(asked).as("where nobody sees it").hasSize(before);
        page.unroute("**/v1/models/gate");
        page.evaluate(HIDE, false);
        on("#in-circuit").waitFor();
    }

    @ParameterizedTest
    @CsvSource({"gate:abc", "gate:0", "gate:01", "gate:1234567890", "gate:"})
    void knowsWhatIsNoModel(String reference) {
        put("gate", GATE);
        open("#view=stored&model=" + reference);
        waitForText(".opened:visible .refused", "There is no model " + reference);
    }

    /** Lists are asked for again while somebody goes through them. */
    @Test
    void leavesTheFocusWhereItIsInLists() {
        complains(refused(502));
        put("latch", GATE);
        put("lamp", GATE);
        String refresh = "() => document.querySelector('#refresh').click()";
        open("#view=stored&model=latch");
        link("lamp").focus();
        put("lens", GATE);
        page.evaluate(refresh);
        link("lens").waitFor();
        assertThat(page.evaluate("() => document.activeElement.textContent")).isEqualTo("lamp");
        on("[aria-label='Delete latch:1']").focus();
        put("latch", GATE.replace("0.5", "0.75"));
        page.evaluate(refresh);
        on("[aria-label='Delete latch:2']").waitFor();
        assertThat(page.evaluate("() => document.activeElement.ariaLabel")).isEqualTo("Delete latch:1");
        page.route("**/v1/models?*", route -> route.fulfill(page(502)), new Page.RouteOptions().setTimes(1));
        page.evaluate(refresh);
        waitForText(".list-note [role=alert]", "HTTP 502");
        link("lamp").click();
        on("[aria-label='Delete lamp:1']").waitFor();
        assertThat(on(".versions li").count()).isEqualTo(1);
    }

    @Test
    void asksAgainForAModelThatIsOpen() {
        put("door", GATE);
        open("#view=stored&model=door");
        waitForText(".opened:visible .about", "a gate of two units");
        put("door", GATE.replace("a gate of two units", "a door, once more"));
        on("#refresh").click();
        waitForText(".opened:visible .about", "a door, once more");
        on(".versions li:has-text('once more')").waitFor();
    }

    /** The list of versions begins with the newest. */
    @Test
    void knowsOfManyVersionsWhichAreDeleted() {
        complains(refused(404));
        IntStream.rangeClosed(1, 28).forEach(i -> put("often", "{\"expression\": \"y = " + i + " * x\"}"));
        IntStream.rangeClosed(2, 28).forEach(i -> delete("/v1/models/often:" + i));
        open("#view=stored&model=often");
        on("#in-circuit").waitFor();
        assertThat(text("#model-title")).isEqualTo("often:1");
        open("#view=stored&model=often:2", in("en-US"));
        on("#undelete").click();
        on("#in-circuit").waitFor();
        assertThat(get("/v1/models/often:2").statusCode()).isEqualTo(200);
        open("#view=stored&model=often:99", in("en-US"));
        waitForText(".opened:visible .refused", "There is no model often:99");
    }

    @Test
    void deletesAModelAndBringsItBack() {
        complains(refused(404));
        put("gate", GATE);
        put("gate", GATE.replace("0.5", "0.75"));
        open("#view=stored&model=gate");
        on(".versions button").first().waitFor();
        on("[aria-label='Delete gate:1']").click();
        assertThat(text("dialog.confirm")).contains("Delete gate:1?");
        press("Escape");
        assertThat(page.evaluate("() => document.activeElement.ariaLabel")).isEqualTo("Delete gate:1");
        on("[aria-label='Delete gate:1']").click();
        on("#confirm").click();
        on("[aria-label='Bring back gate:1']").waitFor();
        assertThat(get("/v1/models/gate:1").statusCode()).isEqualTo(404);
        on("#delete-model").click();
        on("#confirm").click();
        on("#undelete").waitFor();
        waitForText(".opened:visible [role=status]", "gate was deleted.");
        waitForText(".list-note", "No model is stored yet");
        assertThat(focused()).isEqualTo("model-title");
        complains(refused(502));
        page.route("**/undelete", route -> route.fulfill(page(502)));
        on("#undelete").click();
        waitForText(".opened:visible > [role=alert]", "HTTP 502");
        page.unroute("**/undelete");
        on("#undelete").click();
        on("#in-circuit").waitFor();
        assertThat(text(".opened:visible > [role=alert]")).isEmpty();
        link("gate").waitFor();
        assertThat(get("/v1/models/gate:1").statusCode()).isEqualTo(200);
    }

    @Test
    void findsDeletedModels() {
        complains(refused(404));
        put("lost_one", GATE);
        put("lost_two", GATE);
        delete("/v1/models/lost_one");
        open("#view=stored&prefix=lost_");
        link("lost_two").waitFor();
        assertThat(link("lost_one").count()).isZero();
        on("#deleted").check();
        link("lost_one").click();
        waitForAddress("deleted=true");
        assertThat(text(".entries:visible li")).contains("deleted");
        assertThat(link("lost_two").count()).isZero();
        on("#undelete").click();
        on("#in-circuit").waitFor();
        waitForText(".list-note", "No model has such a name and tag");
        open("#view=stored&prefix=lost_&deleted=true", in("en-US"));
        waitForText(".list-note", "No model has such a name and tag");
        on("#deleted").uncheck();
        link("lost_one").waitFor();
    }

    @Test
    void tellsHowTheVersionOfAnAliasComesBack() {
        complains(refused(404));
        put("aged", GATE);
        String old = String.valueOf(json(get("/v1/models/aged")).path("version").asInt());
        send("PUT", "/v1/models/aged/aliases/old", BodyPublishers.ofString("{\"version\": " + old + "}"), "Content-Type",
                "application/json",
                "If-None-Match", "*");
        put("aged", GATE.replace("0.5", "0.75"));
        delete("/v1/models/aged:" + old);
        open("#view=stored&model=aged@old");
        waitForText(".opened:visible .refused", "There is no model aged@old.");
        waitForText(".opened:visible .refused .hint", "POST /v1/models/aged:" + old + "/undelete brings it back");
    }

    @Test
    void trainsANetworkAsAJob() throws IOException {
        open("#view=networks");
        on("#train-job").click();
        waitForText(".job-state", "Succeeded: 300 of 300 steps");
        on(".opened:visible .chart canvas").waitFor();
        waitForText("#job-answer dl", "Ended byall epochs");
        assertThat(text("#job-answer dl")).containsPattern("Loss of the last step\\d").doesNotContain("validation");
        assertThat(focused()).isEqualTo("job-title");
        waitForText(".entries:visible li.open", "Succeeded");
        assertThat(text("#job-facts dl")).contains("operations", "Attempts1", "Made in all attempts (steps)300");
        Path answer = page.waitForDownload(() -> on("#download").click()).path();
        assertThat(JSON.readTree(Files.readString(answer)).path("steps").asInt()).isEqualTo(300);
        // A second press is a second job.
        on("a[data-view=networks]").click();
        on("#train-job").click();
        page.waitForFunction("() => document.querySelectorAll('.entries li').length === 2");
    }

    /** The service takes the job, but its answer is lost on the way: the next press sends the same key. */
    @Test
    void makesNoSecondJobWhereAnAnswerWasLost() {
        complains("Failed to load resource: net::ERR_FAILED");
        open("#view=networks");
        page.route("**/v1/jobs", route -> {
            route.fetch();
            route.abort();
        });
        on("#train-job").click();
        waitForText("#posted-job", "No connection");
        page.unroute("**/v1/jobs");
        // A proxy that stopped waiting does not know whether the job was made.
        complains(refused(504));
        page.route("**/v1/jobs", route -> {
            route.fetch();
            route.fulfill(page(504));
        });
        on("#train-job").click();
        waitForText("#posted-job", "HTTP 504");
        page.unroute("**/v1/jobs");
        on("#train-job").click();
        waitForText(".job-state", "Succeeded");
        assertThat(json(get("/v1/jobs")).path("jobs").size()).isEqualTo(1);
    }

    @Test
    void leavesWhatIsShownWhereAJobBeginsLate() {
        complains(refused(500));
        open("#view=networks");
        on("#train").click();
        waitForText(".results", "Autopsy");
        page.route("**/v1/jobs", route -> route.fulfill(page(500)), new Page.RouteOptions().setTimes(1));
        on("#train-job").click();
        waitForText("#posted-job", "HTTP 500");
        assertThat(text(".results")).as("what was trained here").contains("Autopsy");
        assertThat(text(".training-state")).contains("Done after 300 steps");
        List<Route> held = new ArrayList<>();
        page.route("**/v1/jobs", held::add);
        on("#train-job").click();
        page.waitForCondition(() -> !held.isEmpty());
        assertThat(text("#posted-job")).isEmpty();
        on("a[data-view=stored]").click();
        waitForText(".list-note", "No model is stored yet");
        on("a[data-view=activations]").click();
        on(".view:visible h1:text-is('Activation functions')").waitFor();
        page.waitForResponse("**/v1/jobs", held.getFirst()::resume);
        on("#posted-job a").waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.ATTACHED));
        assertThat(on("a[data-view=activations]").getAttribute("aria-current")).isEqualTo("page");
        page.unroute("**/v1/jobs");
        on("a[data-view=networks]").click();
        waitForText("#posted-job", "The training goes on as a job: Training");
        assertThat(text(".results")).contains("Autopsy");
        on("#language").selectOption("ko");
        waitForText("#posted-job", "학습이 작업으로 진행됩니다");
        on("#language").selectOption("en");
        waitForText("#posted-job", "The training goes on as a job");
        on("#posted-job a").click();
        waitForText(".job-state", "Succeeded");
        assertThat(focused()).as("not on the link, which is not shown any more").isEqualTo("job-title");
    }

    @Test
    void followsAJobUntilItIsCancelled() {
        String job = beginLongTraining();
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".job-state", "left, loss");
        on(".opened:visible .chart canvas").waitFor();
        Object before = on(".opened progress:visible").evaluate("bar => bar.value");
        page.waitForFunction("before => document.querySelector('.opened:not([hidden]) progress').value > before", before);
        waitForText(".entries:visible li.open", "Running");
        on("#end-job").click();
        on("dialog.confirm button:text-is('Keep it')").click();
        on("#end-job").click();
        on("#confirm").click();
        waitForText(".job-state", "Cancelled");
        waitForText(".opened:visible [role=status]", "Cancelled");
        waitForText(".entries:visible li.open", "Cancelled");
        assertThat(focused()).isEqualTo("end-job");
        on("#end-job").click();
        assertThat(text("dialog.confirm")).contains("Remove this job?");
        on("#confirm").click();
        waitForText(".list-note", "There are no jobs yet");
        assertThat(get("/v1/jobs/" + job).statusCode()).isEqualTo(404);
    }

    @Test
    void showsNothingMoreOfAJobThatIsGone() {
        complains(refused(404));
        String job = check();
        open("#view=stored&list=jobs&job=" + job);
        waitForText("#job-answer dl", "The derivatives agree");
        delete("/v1/jobs/" + job);
        on("#end-job").focus();
        on("#refresh").evaluate("refresh => refresh.click()");
        waitForText(".opened:visible > [role=alert]", "There is no such job");
        assertThat(text("#job-answer") + text(".job-state") + text("#job-facts")).isEmpty();
        assertThat(text("#job-title")).isEqualTo(job);
        assertThat(on("#download").isVisible()).isFalse();
        assertThat(focused()).isEqualTo("job-title");
    }

    @Test
    void takesAJobThatIsGoneFromTheList() {
        complains(refused(404));
        String job = check();
        open("#view=stored&list=jobs&job=" + job);
        waitForText("#job-answer dl", "The derivatives agree");
        on(".entries:visible li").waitFor();
        delete("/v1/jobs/" + job);
        on("#download").click();
        waitForText(".opened:visible > [role=alert]", "There is no such job");
        waitForText(".list-note", "There are no jobs yet");
    }

    /** Six tabs that follow jobs would leave no connection for anything else. */
    @Test
    void followsAJobOnlyWhereItIsSeen() {
        hurry();
        List<Request> streams = new ArrayList<>();
        List<Request> ended = new ArrayList<>();
        page.onRequest(request -> {
            if (request.url().endsWith("/events")) {
                streams.add(request);
            }
        });
        page.onRequestFailed(request -> {
            if (request.url().endsWith("/events")) {
                ended.add(request);
            }
        });
        String job = beginLongTraining();
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".job-state", "left, loss");
        page.evaluate(HIDE, true);
        page.waitForCondition(() -> ended.equals(streams));
        passTenSeconds();
        assertThat(streams).hasSize(1);
        Object before = on(".opened progress:visible").evaluate("bar => bar.value");
        page.evaluate(HIDE, false);
        page.waitForFunction("before => document.querySelector('.opened:not([hidden]) progress').value > before", before);
        assertThat(streams).hasSize(2);
        assertThat(Integer.parseInt(streams.getLast().headerValue("last-event-id"))).as("nothing is sent twice").isPositive();
        assertThat(text(".opened:visible > [role=alert]")).isEmpty();
    }

    @Test
    void tellsOnceThatThereIsNoPlaceForAStream() {
        complains(refused(503));
        String job = beginLongTraining();
        List<Route> refusals = new ArrayList<>();
        page.route("**/v1/jobs/" + job + "/events", route -> {
            refusals.add(route);
            route.fulfill(page(503));
        });
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".opened:visible > [role=alert]", "HTTP 503");
        page.evaluate(
                """
                        () => {
                          window.told = 0;
                          const alert = document.querySelector('.opened:not([hidden]) > [role=alert]');
                          new MutationObserver(() => window.told++).observe(alert, { childList: true });
                        }""");
        int before = refusals.size();
        page.waitForCondition(() -> refusals.size() >= before + 4);
        assertThat(page.evaluate("() => window.told")).isEqualTo(0);
        page.unroute("**/v1/jobs/" + job + "/events");
        waitForText(".job-state", "left, loss");
        assertThat(text(".opened:visible > [role=alert]")).isEmpty();
    }

    @Test
    void goesOnAfterALostConnection() {
        open("#view=stored&list=jobs&job=" + beginLongTraining());
        waitForText(".job-state", "left, loss");
        // Streams that are open already stay so.
        on("a[data-view=networks]").click();
        complains("Failed to load resource: net::ERR_INTERNET_DISCONNECTED");
        page.context().setOffline(true);
        on("a[data-view=stored]").click();
        waitForText(".list-note", "No connection");
        page.context().setOffline(false);
        waitForText(".entries:visible li.open", "Running");
        page.route("**/v1/jobs?*", route -> route.fulfill(new Route.FulfillOptions().setContentType("application/json")
                .setBody("{\"jobs\": [")));
        waitForText(".list-note", "No connection");
        page.unroute("**/v1/jobs?*");
        page.waitForFunction("() => document.querySelector('.stored-view .list:not([hidden]) .list-note').textContent === ''");
        on("#end-job").click();
        on("#confirm").click();
        waitForText(".job-state", "Cancelled");
    }

    @Test
    void tellsWhatWentWrongInJobs() {
        put("gate", GATE);
        String failing = begin("check", "\"expression\": \"f = sum(inv(A))\", \"inputs\": {\"A\": [[1, 1], [1, 1]]}");
        begin("train", LINE + ", \"epochs\": 200, \"optimizer\": {\"type\": \"sgd\", \"lr\": 5}");
        String check = begin("check", "\"expression\": \"f = gate(x)\", \"inputs\": {\"x\": [0.1, 0.2]}");
        String some = begin("check", "\"expression\": \"f = sum(x^2)\", \"inputs\": {\"x\": [1, 2, 3]}, \"samples\": 1");
        open("#view=stored&list=jobs&job=" + check);
        waitForText(".job-state", "Succeeded: 2 of 2 entries");
        waitForText(".opened:visible dl", "gate → gate:");
        waitForText("#job-answer dl", "The derivatives agree with differences.");
        assertThat(text("#job-answer dl")).containsPattern("x: \\d.*, good").doesNotContain("direction");
        link("Gradient check " + some.substring(some.length() - 6)).click();
        waitForText("#job-answer dl", "a random direction: ");
        assertThat(text("#job-answer dl")).containsPattern("x: \\d.*, gooda random direction: \\d.*, good");
        assertThat(on("#job-kind").textContent()).contains("Training", "Gradient check", "Reduction over rows", "Results of rows",
                "Fit to rows");
        on("#job-kind").selectOption("train");
        page.waitForFunction("() => document.querySelectorAll('.stored-view .list:not([hidden]) .entries .card progress').length === 1");
        on(".entries:visible a").click();
        waitForText(".opened:visible .diagnostics", "Divergence");
        on("#job-kind").selectOption("");
        waitForStatus(failing, "failed");
        on("#job-status").selectOption("failed");
        waitForText(".entries:visible li", "Failed");
        on(".entries:visible li:has-text('Failed') a").click();
        waitForText(".opened:visible .problem", "the matrix is singular");
        waitForAddress("status=failed");
        on("#job-status").selectOption("cancelled");
        waitForText(".list-note", "No job has such a status and kind");
    }

    @Test
    void tellsWhatJobsOverRowsHaveFound() {
        send("PUT", "/v1/datasets/points", BodyPublishers.ofString("x,y\n1,3\n2,5\nnone,0\n3,7\n"), "Content-Type", "text/csv");
        String rows = "\"dataset\": \"points\", \"on_cell\": \"skip\", "
                + "\"expression\": \"z = w * x + b\\nloss = (z - y)^2\", \"inputs\": {\"w\": 0, \"b\": 0}, \"wrt\": [\"w\", \"b\"]";
        String reduction = begin("reduce", rows);
        String map = begin("map", rows + ", \"save_as\": \"losses\"");
        String fit = begin("fit", rows);
        String encoded = begin("reduce", rows.replace("\"w\": 0", "\"w\": [0, 0]").replace("- y)", "- y)[0]") + ", \"arrays\": \"base64\"");
        String held = begin("train", LINE + ", \"epochs\": 3, \"optimizer\": {\"type\": \"sgd\", \"lr\": 0.01}, "
                + "\"validation\": {\"inputs\": {\"x\": [5], \"y\": [11]}}");
        String steps = begin("fit", rows + ", \"epochs\": 4, \"batch_size\": 1, \"optimizer\": {\"type\": \"sgd\", \"lr\": 0.01}, "
                + "\"save_as\": {\"name\": \"slope\", \"output\": \"z\"}");
        open("#view=stored&list=jobs&job=" + reduction);
        waitForText("#job-answer dl", "Rows3 of 4");
        assertThat(text("#job-answer dl")).contains("Mean value27.7", "w = −22.7", "b = −10");
        link("Reduction over rows " + encoded.substring(encoded.length() - 6)).click();
        waitForText("#job-answer dl", "w = [2] …");
        link("Results of rows " + map.substring(map.length() - 6)).click();
        waitForText("#job-answer dl", "losses: 3 rows");
        link("Fit to rows " + fit.substring(fit.length() - 6)).click();
        waitForText("#job-answer dl", "w = 2");
        assertThat(text("#job-answer dl")).containsPattern("Ended bya (gradient that is small|loss that hardly).*Mean loss\\d");
        on(".opened:visible .chart canvas").waitFor();
        link("Training " + held.substring(held.length() - 6)).click();
        waitForText("#job-answer dl", "Loss of the validation data");
        link("Fit to rows " + steps.substring(steps.length() - 6)).click();
        waitForText("#job-answer dl", "slope:1");
        assertThat(text("#job-answer dl")).contains("Ended byall epochs", "Mean loss");
        on(".opened:visible .chart canvas").waitFor();
        on("#job-answer a:text-is('slope:1')").click();
        waitForText("#model-title", "slope:");
    }

    /** Begins a check, waits until it has succeeded, and returns its id. */
    private String check() {
        String job = begin("check", "\"expression\": \"f = sum(tanh(x))\", \"inputs\": {\"x\": [0.1, 0.2]}");
        waitForStatus(job, "succeeded");
        return job;
    }

    private void waitForStatus(String job, String status) {
        page.waitForCondition(() -> json(get("/v1/jobs/" + job)).path("status").asString().equals(status));
    }

    /** Timers of the page, which is not open yet, end ten times as soon. A fake clock would stay for later tests of the same context. */
    private void hurry() {
        page.addInitScript("const real = setTimeout; window.setTimeout = (action, delay, ...more) => real(action, delay / 10, ...more);");
    }

    /** Lets so much time pass on a page that hurries. What it asks for meanwhile has been asked for when this returns. */
    private void passTenSeconds() {
        page.waitForTimeout(1_000);
        waitForRequests();
    }

    /** What the page has asked for is known here after the answer to what it asks for later. */
    private void waitForRequests() {
        page.evaluate("() => fetch('/v1/models?limit=1').then(answer => answer.text())");
    }

    /** Answers the page that a job is running, and how far it is, while {@code isRunning} is true. */
    private void tellThatItRuns(String job, AtomicBoolean isRunning, long done, long total) {
        page.route("**/v1/jobs/" + job, route -> {
            if (route.request().method().equals("GET") && isRunning.get()) {
                ObjectNode told = (ObjectNode) json(get("/v1/jobs/" + job));
                told.put("status", "running");
                ((ObjectNode) told.path("progress")).put("done", done).put("total", total);
                route.fulfill(new Route.FulfillOptions().setContentType("application/json").setBody(told.toString()));
            } else {
                route.resume();
            }
        });
    }

    private void tellEvents(String job, String... progress) {
        String events = IntStream.range(0, progress.length)
                .mapToObj(i -> "id: " + (i + 1) + "\nevent: progress\ndata: " + progress[i] + "\n\n").collect(Collectors.joining());
        page.route("**/v1/jobs/" + job + "/events",
                route -> route.fulfill(new Route.FulfillOptions().setContentType("text/event-stream").setBody(events)));
    }

    /** What a proxy answers while it does not reach the service. */
    private static Route.FulfillOptions page(int status) {
        return new Route.FulfillOptions().setStatus(status).setContentType("text/html").setBody("<h1>not now</h1>");
    }

    private static String refused(int status) {
        String reason = switch (status) {
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "";
        };
        return "Failed to load resource: the server responded with a status of " + status + " (" + reason + ")";
    }

    @Test
    void keepsTheAnswerOfAJobThatEndedBeforeItWasCancelled() {
        String job = check();
        AtomicBoolean isRunning = new AtomicBoolean(true);
        tellThatItRuns(job, isRunning, 1, 2);
        tellEvents(job);
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".job-state", "Running: 1 of 2");
        on("#end-job").click();
        isRunning.set(false);
        waitForText(".job-state", "Succeeded");
        waitForCancelling(() -> on("#confirm").click());
        waitForText(".opened:visible button", "Remove the job");
        assertThat(get("/v1/jobs/" + job + "/result").statusCode()).isEqualTo(200);
    }

    /** The service cancels the job, but a proxy answers in its place, and the page sends the request again. */
    @Test
    void stillHasAJobThatItHasCancelledTwice() {
        complains(refused(503));
        String job = beginLongTraining();
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".job-state", "left, loss");
        page.route("**/v1/jobs/" + job + "?only=active", route -> {
            route.fetch();
            await().until(() -> json(get("/v1/jobs/" + job)).has("ended_at"));
            route.fulfill(page(503));
        }, new Page.RouteOptions().setTimes(1));
        on("#end-job").click();
        waitForCancelling(() -> on("#confirm").click());
        waitForText(".job-state", "Cancelled");
        assertThat(json(get("/v1/jobs/" + job)).path("status").asString()).isEqualTo("cancelled");
    }

    private void waitForCancelling(Runnable action) {
        page.waitForResponse(response -> response.request().method().equals("DELETE") && response.ok(), action).finished();
    }

    @Test
    void goesOnAfterErrorsOfAProxy() {
        complains(refused(502));
        complains(refused(504));
        String job = beginLongTraining();
        page.route("**/v1/jobs/" + job, route -> route.fulfill(page(502)), new Page.RouteOptions().setTimes(1));
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".opened:visible [role=alert]", "HTTP 502");
        waitForText(".job-state", "left, loss");
        assertThat(text(".opened:visible [role=alert]")).isEmpty();
        open("#view=stored&list=jobs", in("en-US"));
        waitForText(".entries:visible li", "Running");
        page.route("**/v1/jobs?*", route -> route.fulfill(page(502).setBody("{\"message\": \"no upstream\"}")),
                new Page.RouteOptions().setTimes(1));
        waitForText(".list-note", "HTTP 502");
        page.route("**/v1/jobs?*", route -> route.fulfill(page(504).setBody("""
                {"status": "504", "title": {"text": "none"}, "detail": 0, "errors": {"upstream": "none"}, "edits": "none"}""")),
                new Page.RouteOptions().setTimes(1));
        waitForText(".list-note", "HTTP 504");
        delete("/v1/jobs/" + job);
        waitForText(".entries:visible li", "Cancelled");
    }

    @Test
    void asksAgainForAJobThatWasRefused() {
        complains(refused(500));
        String job = check();
        page.route("**/v1/jobs/" + job, route -> route.fulfill(page(500)), new Page.RouteOptions().setTimes(1));
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".opened:visible [role=alert]", "HTTP 500");
        on("#refresh").click();
        waitForText(".job-state", "Succeeded");
        assertThat(text(".opened:visible [role=alert]")).isEmpty();
    }

    @Test
    void tellsNoLossBeforeTheFirstIteration() {
        String job = check();
        tellThatItRuns(job, new AtomicBoolean(true), 1, 9);
        tellEvents(job, "{\"done\": 2, \"total\": 9, \"seconds_left\": 0, \"latest\": {\"rows_of_pass\": 40}}");
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".job-state", "Running: 2 of 9");
        assertThat(text(".job-state")).doesNotContain("loss");
    }

    /** Such as a job over rows that nobody has counted. */
    @Test
    void tellsHowFarAJobIsWhoseTotalIsNotKnown() {
        String job = check();
        tellThatItRuns(job, new AtomicBoolean(true), 7, 0);
        tellEvents(job);
        page.setViewportSize(360, 800);
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".job-state", "Running: 7 entries");
        on(".opened:visible progress:not([value])").waitFor();
        assertThat(on("#job-facts dt").first().evaluate("name => name.offsetWidth / name.parentElement.offsetWidth < 0.41"))
                .as("room for what is told").isEqualTo(true);
    }

    /** A job of hours has told its loss often. */
    @Test
    void showsTheAnswerOfAJobThatHasToldMuch() {
        String job = check();
        tellEvents(job, IntStream.rangeClosed(1, 70).mapToObj(i -> "{\"done\": " + i + ", \"total\": 300, \"seconds_left\": 9, "
                + "\"latest\": {\"step\": " + i + ", \"loss\": 0.5}}").toArray(String[]::new));
        open("#view=stored&list=jobs&job=" + job);
        waitForText("#job-answer dl", "The derivatives agree");
        assertThat(text(".job-state")).contains("Succeeded: 2 of 2 entries");
        on(".opened:visible .chart canvas").waitFor();
    }

    /** Events of the beginning of a long job are gone, and those of a short one are few. A fit by steps tells of its epochs in the end. */
    @Test
    void drawsWhatTellsMoreOfAJob() {
        open("#view=stored");
        assertThat(page.evaluate("""
                async () => {
                  const { name } = performance.getEntriesByType('resource').find(each => each.name.endsWith('/js/job-curve.js'));
                  const { createCurve } = await import(name);
                  const last = (from, to, answer) => {
                    const curve = createCurve();
                    for (let step = from; step < to; step++) {
                      curve.add(step, 1);
                    }
                    curve.complete(answer);
                    return curve.last();
                  };
                  const steps = (from, to) => ({ history: Array.from({ length: to - from }, (_, i) => ({ step: from + i, loss: 2 })) });
                  const epochs = most => ({ epochs: most, history: Array(most).fill(2) });
                  return [last(1, 3, steps(1, 50)), last(900, 1000, steps(1, 50)), last(1, 100, steps(1, 300)), last(1, 0, epochs(1)),
                    last(1, 100, steps(90, 100)), last(5, 30, epochs(1)), last(900, 1000, epochs(4)), last(1, 10, {})].join();
                }""")).isEqualTo("2,2,2,2,1,1,1,1");
    }

    @Test
    void drawsOnePointAsAPoint() {
        open("#view=stored");
        assertThat(page.evaluate("""
                async () => {
                  const { name } = performance.getEntriesByType('resource').find(each => each.name.endsWith('/js/chart.js'));
                  const { createChart } = await import(name);
                  const isDrawn = canvas => {
                    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
                    copy.drawImage(canvas, 0, 0);
                    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
                    const pixels = Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 4));
                    return pixels.some(([r, g, b, a]) => a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 80);
                  };
                  const found = [];
                  for (const data of [[[1], [0.5]], [[1, 2, 3], [0.5, null, null]], [[1, 2], [null, null]]]) {
                    const chart = createChart({ height: 260, axis: () => 'step' });
                    document.querySelector('main').append(chart.box);
                    chart.draw(() => 'loss', ['loss'], data);
                    const canvas = chart.box.querySelector('canvas');
                    for (let i = 0; !isDrawn(canvas) && i < 20; i++) {
                      await new Promise(drawn => setTimeout(drawn, 50));
                    }
                    found.push(isDrawn(canvas));
                    chart.box.remove();
                  }
                  return found.join();
                }""")).isEqualTo("true,true,false");
    }

    /** What is written below the axis of a chart, as the canvas is told it. */
    @ParameterizedTest
    @CsvSource({"1600", "360"})
    void labelsOfManyStepsDoNotTouch(int width) {
        open("#view=stored", new Visitor("en-US", ColorScheme.LIGHT, width));
        assertThat(page.evaluate("""
                async () => {
                  const { name } = performance.getEntriesByType('resource').find(each => each.name.endsWith('/js/chart.js'));
                  const { createChart } = await import(name);
                  const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
                  const texts = [];
                  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
                    texts.push({ text, x, y: Math.round(y), half: this.measureText(text).width / 2 });
                    fillText.call(this, text, x, y);
                  };
                  CanvasRenderingContext2D.prototype.clearRect = function (...all) {
                    texts.length = 0;
                    clearRect.apply(this, all);
                  };
                  const wrong = [];
                  for (const most of [900, 12345, 999999, 1000000, 3000000, 9999999, 30000000, 123456789]) {
                    const chart = createChart({ height: 260, axis: () => 'step' });
                    document.querySelector('main').append(chart.box);
                    chart.draw(() => 'loss', ['loss'], [[0, most], [1, 0]]);
                    await new Promise(drawn => setTimeout(drawn, 200));
                    for (let i = 0; texts.length < 2 && i < 100; i++) {
                      await new Promise(drawn => setTimeout(drawn, 100));
                    }
                    const lowest = Map.groupBy(texts, label => label.y);
                    const labels = [...lowest.values()].reduce((a, b) => a.length > b.length ? a : b).sort((a, b) => a.x - b.x);
                    const touches = labels.some((label, i) => i > 0 && label.x - label.half - labels[i - 1].x - labels[i - 1].half < 4);
                    if (touches || labels.length < 2 || labels.some(label => label.text.length > 7)) {
                      wrong.push(`${most}: ${labels.map(label => label.text)}`);
                    }
                    chart.box.remove();
                  }
                  return wrong;
                }""")).isEqualTo(List.of());
    }

    /** Browsers have six connections for one service. */
    @Test
    void givesBackTheConnectionsOfStreamsThatItReadsNoFurther() {
        String job = beginLongTraining();
        open("#view=stored&list=jobs&job=" + job);
        waitForText(".job-state", "left, loss");
        assertThat(page.evaluate("""
                async job => {
                  const { name } = performance.getEntriesByType('resource').find(each => each.name.endsWith('/js/events.js'));
                  const { eventsAfter } = await import(name);
                  const leave = async () => {
                    for (let i = 0; i < 8; i++) {
                      for await (const event of eventsAfter(0, `/v1/jobs/${job}/events`, new AbortController().signal)) {
                        break;
                      }
                    }
                    return 'all left';
                  };
                  return Promise.race([leave(), new Promise(resume => setTimeout(() => resume('no connection is left'), 60000))]);
                }""", job)).isEqualTo("all left");
    }

    @Test
    void opensAJobInAnotherTab() {
        String job = check();
        open("#view=stored&list=jobs");
        String address = link("Gradient check " + job.substring(job.length() - 6)).getAttribute("href");
        open(address, in("en-US"));
        waitForText(".job-state:visible", "Succeeded");
    }

    @Test
    void asksForNoJobsWhereTheyAreNotShown() {
        hurry();
        beginLongTraining();
        open("#view=stored&list=jobs");
        waitForText(".entries:visible li", "Running");
        List<Route> held = new ArrayList<>();
        page.route("**/v1/jobs?*", held::add);
        page.waitForCondition(() -> held.size() == 1);
        on("a[data-view=networks]").click();
        held.getFirst().resume();
        passTenSeconds();
        assertThat(held).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"en-US, LIGHT, 1280", "ko-KR, DARK, 400"})
    void hasNoViolation(String locale, ColorScheme scheme, int width) {
        complains(refused(404));
        put("gate", GATE);
        begin("train", LINE + ", \"epochs\": 200, \"optimizer\": {\"type\": \"sgd\", \"lr\": 5}");
        begin("check", "\"expression\": \"f = sum(inv(A))\", \"inputs\": {\"A\": [[1, 1], [1, 1]]}");
        beginLongTraining();
        open("#view=stored&model=gate", new Visitor(locale, scheme, width));
        on("#in-circuit").waitFor();
        isAccessible("a model", ".stored-view");
        on("#delete-model").click();
        isAccessible("the question", "dialog.confirm");
        on("#confirm").click();
        on("#undelete").waitFor();
        isAccessible("a deleted model", ".opened:not([hidden])");
        on("label:has(input[value=jobs])").click();
        on(".entries:visible a").nth(0).click();
        on(".opened:visible .chart canvas").waitFor();
        isAccessible("jobs, one at work", ".stored-view");
        on(".entries:visible a").nth(1).click();
        on(".opened:visible .problem li").waitFor();
        isAccessible("a job that failed", ".opened:not([hidden])");
        on(".entries:visible a").nth(2).click();
        on(".opened:visible .diagnostics").waitFor();
        isAccessible("a job with diagnostics", ".opened:not([hidden])");
    }
}
