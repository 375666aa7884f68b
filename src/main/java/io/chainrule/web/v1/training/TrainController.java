package io.chainrule.web.v1.training;

import io.chainrule.core.language.Language;
import io.chainrule.core.training.Training;
import io.chainrule.service.program.Answer;
import io.chainrule.service.training.TrainingCall;
import io.chainrule.service.training.TrainingService;
import io.chainrule.web.http.TrainingPlace;
import io.chainrule.web.v1.EventStream;
import io.chainrule.web.v1.Languages;
import io.chainrule.web.v1.Queries;
import io.chainrule.web.v1.ResponseMapper;
import io.chainrule.web.v1.models.TrainingSaver;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Trains programs, with a single response at the end or with events during the training. */
@Tag(name = "Training", description = "Makes a program's value small, step by step.")
@RestController
@RequestMapping(path = "/v1", consumes = MediaType.APPLICATION_JSON_VALUE, produces = {MediaType.APPLICATION_JSON_VALUE,
        MediaType.TEXT_EVENT_STREAM_VALUE})
class TrainController {
    private final TrainingService service;
    private final Queries queries;
    private final TrainingSaver saver;
    private final JsonMapper json;

    TrainController(TrainingService service, Queries queries, TrainingSaver saver, JsonMapper json) {
        this.service = service;
        this.queries = queries;
        this.saver = saver;
        this.json = json;
    }

    @Operation(operationId = "train", summary = "Training",
            description = """
                    Changes the inputs in `wrt` so that the output becomes small. Inputs in `batch` carry samples along a leading axis; \
                    the mean over `batch_size` of them is differentiated in each step.

                    With `Accept: text/event-stream` the answer is a stream of Server-Sent Events: `progress` (steps_done, steps_in_all, \
                    seconds_left, latest), `diagnostic` where something begins to go wrong, then `done` with what else is the whole \
                    answer, or `error` with a problem. A client that closes the stream ends the training. What is wrong with the request \
                    itself is answered with a status, as anywhere.

                    The same request gives the same bits, on any number of cores.""")
    @ApiResponse(responseCode = "200", description = "What came of the training, or events that tell of it", content = {
            @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, schema = @Schema(implementation = TrainResponse.class)),
            @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string", description = """
                    Events, each with one line of JSON as its data"""))})
    @PostMapping("/train")
    @Nullable
    ResponseEntity<TrainResponse> train(@RequestBody TrainRequest request, HttpServletRequest exchange, HttpServletResponse response) {
        Language language = Languages.of(request.lang(), exchange);
        ResponseMapper mapper = new ResponseMapper(request.arrays(), language);
        if (!EventStream.isWanted(exchange)) {
            return Languages.spoken(language, HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_LANGUAGE)
                    .body(train(request, TrainingCall.Progress.NONE, exchange, mapper));
        }
        EventStream events = new EventStream(response, json);
        events.answer(exchange, () -> {
            try (TrainStream stream = new TrainStream(events, mapper)) {
                return train(request, stream, exchange, mapper);
            }
        });
        return null;
    }

    private TrainResponse train(TrainRequest request, TrainingCall.Progress progress, HttpServletRequest exchange, ResponseMapper mapper) {
        Answer<Training> answer;
        TrainingSaver.Saving saving;
        try {
            saving = saver.prepare(request, request.save_as(), queries.caller(exchange), Map.of(), null);
            answer = queries.answer(request, exchange, query -> service.train(TrainMapper.call(request, query), progress));
        } finally {
            // The place is free before the answer is sent, because the client may send its next training as soon as it has the answer.
            TrainingPlace.end(exchange);
        }
        return TrainResponse.of(answer, saving.save(answer.result()), mapper);
    }
}
