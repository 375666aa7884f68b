package io.chainrule.web.v1;

import io.chainrule.core.Transformation;
import io.chainrule.core.language.Language;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.service.program.ExplanationService;
import io.chainrule.service.program.GradientService;
import io.chainrule.service.program.PictureService;
import io.chainrule.service.models.ModelLibrary;
import io.chainrule.service.models.Models;
import io.chainrule.service.run.Admission;
import io.chainrule.service.run.Limits;
import io.chainrule.web.json.ArrayForm;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks for an example what the page at {@code /} asks for its first program, before the service says that it is ready. Otherwise the first
 * client would wait more than half a second until all code for it is loaded. Then has the loops over arrays compiled, in the background,
 * without which the first seconds of work on arrays would be ten times as slow. {@code chainrule.warm-up=false} leaves both out. With
 * {@code chainrule.warm-up=exit} the service ends after an answer over HTTP: a JVM that makes an AOT cache of such a run learns what a
 * start and a first answer need.
 */
@Component
class WarmUp implements ApplicationRunner {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
    private static final ClassPathResource PROGRAM = new ClassPathResource("examples/gradient/function-definition.json");

    private final JsonMapper json;
    private final GradientService gradients;
    private final ExplanationService explanations;
    private final PictureService pictures;
    private final Admission admission;
    private final ModelLibrary library;
    private final boolean isOn;

    WarmUp(JsonMapper json, GradientService gradients, ExplanationService explanations, PictureService pictures, Admission admission,
            ModelLibrary library, @Value("${chainrule.warm-up:true}") String mode) {
        this.json = json;
        this.gradients = gradients;
        this.explanations = explanations;
        this.pictures = pictures;
        this.admission = admission;
        this.library = library;
        isOn = mode.equals("true");
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (isOn) {
            admission.calibrate();
            try {
                answerExample();
            } catch (IOException | RuntimeException e) {
                // Requests do the same work themselves, and tell why it fails.
                LOG.debug("The service was not warmed up", e);
            }
        }
    }

    @EventListener(ApplicationReadyEvent.class)
    void compileLoops() {
        if (isOn) {
            Thread.ofPlatform().daemon().name("warm-up").start(admission::warmUp);
        }
    }

    @EventListener(condition = "@environment.getProperty('chainrule.warm-up') == 'exit'")
    void answerAndExit(ApplicationReadyEvent event) throws IOException, InterruptedException {
        answerExample();
        URI service = URI
                .create("http://127.0.0.1:" + event.getApplicationContext().getEnvironment().getRequiredProperty("local.server.port"));
        try (HttpClient client = HttpClient.newHttpClient()) {
            client.send(HttpRequest.newBuilder(service.resolve("/actuator/health/readiness")).build(), BodyHandlers.discarding());
            int status = client.send(HttpRequest.newBuilder(service.resolve("/v1/gradient"))
                    .header(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON_VALUE)
                    .POST(BodyPublishers.ofString(request().toString())).build(), BodyHandlers.discarding()).statusCode();
            if (status != HttpStatus.OK.value()) {
                throw new IllegalStateException("the service answers an example with " + status);
            }
        }
        System.exit(SpringApplication.exit(event.getApplicationContext()));
    }

    void answerExample() throws IOException {
        Limits limits = admission.limits();
        Models models = new Models(library, "");
        GradientRequest asked = read(GradientRequest.class);
        ResponseMapper mapper = new ResponseMapper(ArrayForm.NESTED, Language.EN);
        write(mapper.gradient(gradients.gradient(RequestMapper.query(asked, limits, models), null, Transformation.Locals.AUTO)));
        ExplainRequest explained = read(ExplainRequest.class);
        write(new ExplainMapper(mapper).response(explanations.explain(RequestMapper.query(explained, limits, models), null,
                ExplainMapper.wish(explained, Language.EN))));
        RenderRequest drawn = read(RenderRequest.class);
        pictures.draw(RequestMapper.query(drawn, limits, models), null, RequestMapper.pictureOptions(drawn, Language.EN),
                PictureFormat.SVG);
    }

    private <R> R read(Class<R> type) throws IOException {
        return json.treeToValue(request(), type);
    }

    private JsonNode request() throws IOException {
        try (InputStream in = PROGRAM.getInputStream()) {
            return json.readTree(in).get("request");
        }
    }

    private void write(Object answer) {
        json.writeValueAsBytes(answer);
    }
}
