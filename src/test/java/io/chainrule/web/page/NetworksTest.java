package io.chainrule.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Route;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The views of activations and of networks. */
class NetworksTest extends BrowserTest {
    private static String network(String json) {
        return "#view=networks&network=" + URLEncoder.encode(json, StandardCharsets.UTF_8);
    }

    @Test
    void trainsANetworkWhileOneWatches() {
        open("#view=networks");
        page.evaluate("""
                () => {
                  window.told = [];
                  const status = document.querySelector('.networks-view [role=status]');
                  new MutationObserver(() => window.told.push(status.textContent)).observe(status, { childList: true });
                }""");
        on("#train").click();
        waitForText(".training-state", "Done after 300 steps");
        assertThat(text(".training-state")).contains("Accuracy 100 %");
        assertThat(page.evaluate("() => window.told.join(' ')").toString()).as("what a screen reader speaks, and no step")
                .matches("The training begins\\. Done after 300 steps \\(all epochs\\), loss [^ ]+\\. Accuracy 100 %\\.");
        on(".chart canvas").waitFor();
        on(".boundary canvas").waitFor();
        waitForText(".results table", "layer1");
        waitForText(".results", "Autopsy");
        page.route("**/v1/train", route -> route.fulfill(new Route.FulfillOptions().setContentType("text/event-stream").setBody("""
                event: progress
                data: {"steps_done": 40, "steps_in_all": 300}

                """)));
        on("#train").click();
        waitForText(".results", "No connection");
        assertThat(text(".training-state")).isEmpty();
        waitForText(".networks-view [role=status]", "No connection");
    }

    @Test
    void stopsATraining() {
        open(network("{\"data\": \"spirals\", \"epochs\": 25000, \"lr\": 0.01}"));
        on("#train").click();
        waitForText(".training-state", "loss 0.");
        on("#stop").click();
        waitForText(".training-state", "(stopped)");
        on(".boundary canvas").waitFor();
        on("#train:enabled").waitFor();
    }

    @Test
    void tellsOfUnitsThatDie() {
        open(network(
                "{\"data\": \"spirals\", \"hidden\": [{\"type\": \"dense\", \"units\": 12, \"activation\": \"relu\"}], \"lr\": 0.5, \"epochs\": 60}"));
        on("#train").click();
        waitForText(".results", "dead units");
        waitForText(".diagnostics", "units");
    }

    @Test
    void takesANetworkAsJson() {
        open("#view=networks");
        on("[data-key=json]").check();
        String json = on("[data-key=network-json]").inputValue();
        assertThat(json).contains("\"type\": \"dense\"");
        on("[data-key=network-json]").fill(json.replace("\"units\": 6", "\"units\": 3"));
        on("#train").click();
        waitForText(".results table", "/ 3");
        on("[data-key=network-json]").fill(json.replace("\"tanh\"", "\"tanhh\""));
        on("#train").click();
        waitForText(".results .problem li", "there is no activation 'tanhh'");
        assertThat(text(".results .problem .hint")).contains("did you mean 'tanh'?");
        assertThat(text(".networks-view [role=status]")).contains("tanhh");
    }

    @Test
    void comparesActivations() {
        open("#view=activations");
        waitForText(".u-legend", "sigmoid");
        on("input[value=elu]").check();
        waitForText(".u-legend", "elu");
        // Each shows the function and its derivative.
        page.waitForFunction(
                "() => [4, 8].join() === ['.card', '.card math'].map(part => document.querySelectorAll(`.facts ${part}`).length).join()");
        on(".facts summary").click();
        assertThat(text(".facts table")).contains("sigmoid′").contains("0.25");
    }

    @Test
    void tellsOfActivationsInKorean() {
        open("#view=activations&functions=%5B%22elu%22%2C%22gelu%22%2C%22sign%22%5D", in("ko-KR"));
        page.waitForFunction("() => document.querySelectorAll('.facts .card math').length === 6");
        assertThat(text(".facts")).contains("그 밖", "또는", "도함수는 뛰는 점에서도 0").doesNotContain("if", "otherwise", "jump");
    }
}
