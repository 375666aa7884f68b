package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import io.chainrule.TestFolder;
import io.chainrule.service.access.ApiKeys;
import io.chainrule.service.access.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The page of a service with keys asks for one, and keeps it in memory alone. */
@DirtiesContext
@TestPropertySource(properties = "chainrule.security.mode=api-key")
class KeyPageTest extends BrowserTest {
    private static final String REFUSED = "Failed to load resource: the server responded with a status of 401 ()";

    @Autowired
    private ApiKeys keys;

    @DynamicPropertySource
    static void folder(DynamicPropertyRegistry properties) {
        TestFolder.add(properties, "service-");
    }

    private void give(String key) {
        on("#api-key").fill(key);
        press("Enter");
    }

    @Test
    void asksForAKeyAndForgetsIt() {
        complains(REFUSED);
        page.navigate("http://localhost:" + port + "/");
        Locator dialog = on("dialog.ask-key");
        dialog.waitFor();
        isAccessible("the question", "dialog.ask-key");
        give("wrong");
        on("dialog.ask-key .reason:has-text('no such key')").waitFor();
        give(keys.issue(new ApiKeys.Wish("page", Set.of(Scope.COMPUTE), null, ApiKeys.OwnQuotas.STANDARD)).secret());
        page.waitForSelector("html[data-ready]");
        assertThat(text(".output")).isEqualTo("f = 0.7310585786300049");
        on("#tab-share").click();
        on("[data-share=curl]").waitFor();
        assertThat(text("[data-share=curl]")).contains("-H \"Authorization: Bearer $CHAINRULE_KEY\"").doesNotContain("crk_");
        assertThat(text("[data-share=python]")).contains("import json, os, ", "\"Bearer \" + os.environ[\"CHAINRULE_KEY\"]");
        assertThat(text(".snippet:has([data-share=node]) h3")).isEqualTo("JavaScript (Node.js)");
        assertThat(text("[data-share=node]")).contains("\"Authorization\": \"Bearer \" + process.env.CHAINRULE_KEY }");
        assertThat(text("[data-share=java]")).contains(".header(\"Authorization\", \"Bearer \" + System.getenv(\"CHAINRULE_KEY\"))");
        assertThat(on(".snippet:has-text('This needs the key')").count()).as("the picture and the Markdown that shows it").isEqualTo(2);
        assertThat(
                page.evaluate("JSON.stringify([Object.values(localStorage), Object.values(sessionStorage), document.cookie])").toString())
                .doesNotContain("crk_");
        page.reload();
        dialog.waitFor();
    }

    @Test
    void doesNotAskAgainWhereAnAnswerToTheWrongKeyComesLate() {
        complains(REFUSED);
        List<Route> withWrongKey = new ArrayList<>();
        page.route("**/v1/**", route -> {
            boolean isWrong = "Bearer wrong".equals(route.request().headers().get("authorization"));
            if (isWrong) {
                withWrongKey.add(route);
            }
            if (!isWrong || withWrongKey.size() == 1) {
                route.resume();
            }
        });
        page.navigate("http://localhost:" + port + "/");
        on("dialog.ask-key").waitFor();
        give("wrong");
        on("dialog.ask-key .reason:has-text('no such key')").waitFor();
        page.waitForCondition(() -> withWrongKey.size() > 1);
        give(keys.issue(new ApiKeys.Wish("page", Set.of(Scope.COMPUTE), null, ApiKeys.OwnQuotas.STANDARD)).secret());
        withWrongKey.stream().skip(1).forEach(Route::resume);
        page.waitForSelector("html[data-ready]");
        assertThat(on("dialog.ask-key").count()).isZero();
    }

    @Test
    void saysInPlainWordsWhatIsMissing() {
        complains(REFUSED);
        complains(REFUSED.replace("401", "403"));
        page.navigate("http://localhost:" + port + "/#view=stored");
        on("dialog.ask-key").waitFor();
        press("Escape");
        waitForText(".list-note", "This service asks for a key");
        on("#key").click();
        give(keys.issue(new ApiKeys.Wish("page", Set.of(Scope.COMPUTE), null, ApiKeys.OwnQuotas.STANDARD)).secret());
        waitForText(".list-note", "No model is stored yet");
        waitForText(".list-note pre", "-H \"Authorization: Bearer $CHAINRULE_KEY\" -H 'Content-Type: application/json'");
        on("label:has-text('Jobs')").click();
        waitForText(".list-note", "Your key does not allow this");
        waitForText(".list-note", "lacks the scope jobs");
        waitForText(".list-note .hint", "whoever runs the service makes keys");
    }

    /** Another key may be another person's. */
    @Test
    void showsNoJobsOfTheKeyBefore() {
        complains(REFUSED);
        complains(REFUSED.replace("401", "403"));
        String key = keys.issue(new ApiKeys.Wish("jobs", Set.of(Scope.COMPUTE, Scope.JOBS), null, ApiKeys.OwnQuotas.STANDARD)).secret();
        String job = json(post("/v1/jobs", "{\"kind\": \"check\", \"request\": {\"expression\": \"f = x^2\", \"inputs\": {\"x\": 3}}}",
                "Content-Type", "application/json", "Authorization", "Bearer " + key)).path("id").asString();
        page.navigate("http://localhost:" + port + "/#view=stored&list=jobs&job=" + job);
        on("dialog.ask-key").waitFor();
        give(key);
        waitForText("#job-answer", "agree");
        on(".entries:visible li").waitFor();
        List<Route> held = new ArrayList<>();
        page.route("**/v1/jobs?*", held::add);
        on("#key").click();
        give(keys.issue(new ApiKeys.Wish("page", Set.of(Scope.COMPUTE), null, ApiKeys.OwnQuotas.STANDARD)).secret());
        page.waitForCondition(() -> !held.isEmpty());
        assertThat(on(".entries li").count()).as("also while the list of this key is on its way").isZero();
        held.forEach(Route::resume);
        waitForText(".opened:visible > [role=alert]", "Your key does not allow this");
        assertThat(text("#job-answer") + text(".job-state") + text("#job-facts")).isEmpty();
        assertThat(on("#end-job").isVisible()).isFalse();
    }

    @Test
    void doesNotInsist() {
        complains(REFUSED);
        page.navigate("http://localhost:" + port + "/");
        on("dialog.ask-key").waitFor();
        press("Escape");
        page.waitForSelector("html[data-ready]");
        assertThat(on("dialog.ask-key").count()).isZero();
        on("#key").click();
        on("dialog.ask-key").waitFor();
    }
}
