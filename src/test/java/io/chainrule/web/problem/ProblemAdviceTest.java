package io.chainrule.web.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chainrule.ReadsLog;
import io.chainrule.core.graph.LimitException;
import io.chainrule.core.tensor.DeadlineExceededException;
import io.chainrule.core.tensor.ShutdownException;
import io.chainrule.service.run.OperatorException;
import io.chainrule.service.run.OverloadedException;
import io.chainrule.service.store.StoreUnavailableException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.TypeMismatchException;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.core.exc.JacksonIOException;

/** What becomes of the exceptions that end a request. */
@ReadsLog
@Execution(ExecutionMode.SAME_THREAD)
class ProblemAdviceTest {
    private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v1/gradient");
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final ProblemAdvice advice = new ProblemAdvice(
            new NearestEndpoint(new StaticListableBeanFactory().getBeanProvider(RequestMappingHandlerMapping.class)));

    private ResponseEntity<Object> refused(RuntimeException cause) {
        return advice.refused(cause, request);
    }

    private static ProblemResponse body(@Nullable ResponseEntity<Object> answer) {
        return (ProblemResponse) Objects.requireNonNull(Objects.requireNonNull(answer).getBody());
    }

    private @Nullable Object reason() {
        return request.getAttribute(Problems.REASON_ATTRIBUTE);
    }

    private static OverloadedException overloaded(long millis) {
        return new OverloadedException(OverloadedException.Resource.IDENTITY_PROVIDER, "it is away", Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "1000, 1", "1001, 2", "5000, 5", "59001, 60"})
    void tellsWhenToTryAgainInWholeSeconds(long millis, String seconds) {
        ResponseEntity<Object> answer = refused(overloaded(millis));
        assertThat(answer.getStatusCode()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
        assertThat(answer.getHeaders().getFirst("Retry-After")).isEqualTo(seconds);
        assertThat(body(answer).detail()).isEqualTo("it is away; try again in " + seconds + " s");
        assertThat(reason()).isEqualTo("identity-provider");
        assertThat(request.getAttribute(Problems.CODE_ATTRIBUTE)).isEqualTo("overloaded");
        assertThat(Problems.reasons()).contains("identity-provider", "overloaded");
    }

    @Test
    void theEndOfTheServiceIsNoFault() {
        ResponseEntity<Object> answer = refused(new ShutdownException());
        assertThat(answer.getStatusCode()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
        assertThat(answer.getHeaders().getFirst("Retry-After")).as("elsewhere").isEqualTo("5");
        assertThat(reason()).isEqualTo("shutting-down");
        assertThat(Problems.reasons()).contains("shutting-down");
    }

    @Test
    void ofLimitsThePropertyIsNamed() {
        ProblemResponse counted = body(refused(new LimitException("answer-bytes", 12, 10).withHint("less")));
        assertThat(counted.errors()).singleElement().satisfies(error -> {
            assertThat(error.message()).isEqualTo(
                    "the limit on answer bytes is 10, this request needs 12; the operator sets it by chainrule.limits.answer-bytes");
            assertThat(error.expected()).isEqualTo("at most 10 (chainrule.limits.answer-bytes)");
            assertThat(error.actual()).isEqualTo("12");
            assertThat(error.hint()).isEqualTo("less");
        });
        ProblemResponse more = body(refused(LimitException.moreThan("nodes", 10)));
        assertThat(more.errors().getFirst().actual()).isEqualTo("more than 10");
        assertThat(reason()).as("the code says it").isNull();
    }

    @Test
    void otherRefusalsSayWhatTheyAre() {
        assertThat(refused(new DeadlineExceededException(Duration.ofMillis(7))).getStatusCode()).isEqualTo(HttpStatus.GATEWAY_TIMEOUT);
        assertThat(body(refused(new DeadlineExceededException(Duration.ofMillis(7)))).detail())
                .isEqualTo("the computation was not done within 7 ms");
        ResponseEntity<Object> rejected = refused(new RequestRejectedException("a header: evil"));
        assertThat(rejected.getStatusCode()).isEqualTo(HttpStatus.BAD_REQUEST);
        assertThat(body(rejected).detail()).doesNotContain("evil");
        assertThat(rejected.getHeaders().getFirst("Retry-After")).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            int               | abc         | 'limit' is no whole number        | a whole number up to 2147483647
            int               | 1.5         | 'limit' is no whole number        | a whole number up to 2147483647
            java.lang.Integer | 99999999999 | 'limit' is out of range           | a whole number up to 2147483647
            boolean           | maybe       | 'limit' is neither true nor false | true or false
            java.lang.Boolean | 2           | 'limit' is neither true nor false | true or false
            """)
    void aParameterOfAnotherTypeIsToldWhatItShouldBe(Class<?> type, String text, String message, String expected) {
        TypeMismatchException mismatch = new TypeMismatchException(text, type);
        mismatch.initPropertyName("limit");
        ResponseEntity<Object> answer = advice.handleTypeMismatch(mismatch, new HttpHeaders(), HttpStatus.BAD_REQUEST,
                new ServletWebRequest(request, response));
        assertThat(answer.getStatusCode().value()).isEqualTo(422);
        assertThat(body(answer).errors()).containsExactly(ErrorDetail.of(ProblemType.INVALID_VALUE, message)
                .parameter("limit").expected(expected, text));
    }

    /** The foremost is one of the lowest status, and all are listed. */
    @Test
    void ofSeveralErrorsTheFormComesBeforeTheContent() {
        ErrorDetail content = ErrorDetail.of(ProblemType.INVALID_VALUE, "content");
        ErrorDetail form = ErrorDetail.of(ProblemType.WRONG_TYPE, "form");
        ProblemResponse problem = body(
                refused(new RequestException(List.of(content, form, ErrorDetail.of(ProblemType.WRONG_TYPE, "later")), 9)));
        assertThat(problem.status()).isEqualTo(ProblemType.WRONG_TYPE.status());
        assertThat(problem.detail()).isEqualTo("form (and 8 more)");
        assertThat(problem.errors()).hasSize(3).startsWith(content, form);
        assertThat(problem.instance()).isEqualTo("/v1/gradient");
        request.setDispatcherType(DispatcherType.ERROR);
        assertThat(body(refused(new RequestException(form))).instance()).as("an error of the container").isNull();
        assertThat(body(refused(new RequestException(form))).detail()).isEqualTo("form");
    }

    @ParameterizedTest
    @CsvSource({"true, close", "false,"})
    void aConnectionOnWhichABodyStillComesIsClosed(boolean isUnread, @Nullable String header) {
        request.setAttribute(Problems.UNREAD_ATTRIBUTE, (BooleanSupplier) () -> isUnread);
        assertThat(refused(overloaded(1)).getHeaders().getFirst("Connection")).isEqualTo(header);
    }

    @Test
    void aClientThatHasGoneIsNoted() {
        advice.gone(new CancellationException(), request, response);
        assertThat(response.getStatus()).isEqualTo(499);
        assertThat(request.getAttribute(Problems.CODE_ATTRIBUTE)).isEqualTo("client-gone");
    }

    /** The log has the cause; the client gets the id to quote, and nothing of the service's inside. */
    @Test
    void aFaultOfTheServiceTellsNothingOfIt(CapturedOutput log) {
        request.addHeader("Request-Id", "its-id");
        IllegalStateException fault = new IllegalStateException("secret",
                new IllegalArgumentException("secret", new OperatorException("a folder is missing", null)));
        ResponseEntity<Object> answer = advice.unexpected(fault, request);
        assertThat(log).contains("its-id", "IllegalStateException", "IllegalArgumentException", "aFaultOfTheServiceTellsNothingOfIt",
                "OperatorException: a folder is missing")
                .as("messages may quote what a client sent").doesNotContain("secret");
        assertThat(Objects.requireNonNull(answer).getStatusCode()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
        assertThat(answer.getHeaders().getFirst("Retry-After")).isEqualTo("1");
        assertThat(body(answer).detail()).contains("its-id").doesNotContain("secret");
        assertThat(reason()).isEqualTo("failure");
        assertThat(advice.unexpected(new IOException("Broken pipe"), request)).as("to a client that has gone").isNull();
    }

    @Test
    void causesMayFormACircle() {
        IllegalStateException first = new IllegalStateException();
        first.initCause(new IllegalArgumentException(first));
        assertThat(Problems.body(request, first)).isNotNull();
    }

    @Test
    void aBodyThatEndsEarlyIsAnsweredByTheContainer() throws IOException {
        advice.unreadable(new IOException("chunk"), response);
        assertThat(response.getStatus()).isEqualTo(400);
        MockHttpServletResponse begun = new MockHttpServletResponse();
        begun.setCommitted(true);
        advice.unreadable(new IOException("chunk"), begun);
        assertThat(begun.getStatus()).isEqualTo(200);
    }

    private @Nullable ResponseEntity<Object> notWritten(@Nullable Throwable cause) {
        return advice.handleHttpMessageNotWritable(new HttpMessageNotWritableException("writing", cause), HttpHeaders.EMPTY,
                HttpStatus.INTERNAL_SERVER_ERROR, new ServletWebRequest(request, response));
    }

    /** Jackson wraps what ends the writing of an answer. */
    @Test
    void whatEndsTheWritingOfAnAnswerIsLookedFor() {
        ResponseEntity<Object> limited = Objects.requireNonNull(notWritten(new IllegalStateException(new LimitException("bytes", 2, 1))));
        assertThat(limited.getStatusCode().value()).isEqualTo(ProblemType.LIMIT_EXCEEDED.status());
        assertThat(notWritten(new IllegalStateException(new CancellationException()))).isNull();
        assertThat(response.getStatus()).isEqualTo(499);
        assertThat(Objects.requireNonNull(notWritten(new IllegalStateException("bug"))).getStatusCode())
                .isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
        assertThat(reason()).isEqualTo("failure");
    }

    @Test
    void anotherMethodIsToldWhichThereAre() throws Exception {
        ResponseEntity<Object> answer = advice.handleException(new HttpRequestMethodNotSupportedException("PUT", List.of("GET", "POST")),
                new ServletWebRequest(request, response));
        assertThat(Objects.requireNonNull(answer).getStatusCode()).isEqualTo(HttpStatus.METHOD_NOT_ALLOWED);
        assertThat(body(answer).errors().getFirst().hint()).isEqualTo("send GET or POST");
    }

    @Test
    void afterTheStatusWasSentTheBodyAloneIsLeft() {
        ProblemResponse limited = (ProblemResponse) Objects.requireNonNull(Problems.body(request, new LimitException("bytes", 2, 1)));
        assertThat(limited.errors().getFirst().code()).isEqualTo("limit-exceeded");
        ProblemResponse ended = (ProblemResponse) Objects.requireNonNull(Problems.body(request, new ShutdownException()));
        assertThat(ended.detail()).isEqualTo("the service is shutting down");
        assertThat(reason()).isEqualTo("shutting-down");
        Problems.body(request, new IllegalStateException());
        assertThat(reason()).isEqualTo("failure");
    }

    @ParameterizedTest
    @CsvSource({"abc, true", "a.b-c_d~e:f/g+h=i@j, true", "-a, false", "a b, false", "'a\"b', false", "'', false"})
    void anIdOfTheClientIsTakenIfTheLogCanRepeatIt(String id, boolean isTaken) {
        request.addHeader("Request-Id", id);
        String taken = RequestId.of(request);
        assertThat(taken.equals(id)).isEqualTo(isTaken);
        assertThat(RequestId.of(request)).as("the same whenever it is asked for").isEqualTo(taken);
    }

    @Test
    void aLongIdIsNotTaken() {
        MockHttpServletRequest longest = new MockHttpServletRequest();
        longest.addHeader("Request-Id", "a".repeat(128));
        assertThat(RequestId.of(longest)).hasSize(128);
        request.addHeader("Request-Id", "a".repeat(129));
        assertThat(RequestId.of(request)).hasSize(36);
    }

    @Test
    void aStoreThatIsAwayMayBeBackSoon() {
        ResponseEntity<Object> answer = refused(new StoreUnavailableException(new IOException()));
        assertThat(answer.getStatusCode()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
        assertThat(answer.getHeaders().getFirst("Retry-After")).isEqualTo("5");
        assertThat(body(answer).detail()).startsWith("the store, which this request needs, is not available");
        assertThat(reason()).isEqualTo("store");
        assertThat(Problems.reasons()).contains("store");
    }

    @Test
    void whereNobodyKnowsTheMethodsNoneIsNamed() throws Exception {
        ResponseEntity<Object> answer = advice.handleException(new HttpRequestMethodNotSupportedException("PUT"),
                new ServletWebRequest(request, response));
        assertThat(body(answer).errors().getFirst().hint()).isNull();
    }

    /** Tomcat forwards here what failed outside Spring's dispatcher, with what ended it and a status. */
    @ParameterizedTest
    @CsvSource({", , not-found", ", 404, not-found", ", 405, method-not-allowed", ", 400, bad-request", ", 422, bad-request",
            "java.io.IOException, 500, bad-request", "java.lang.IllegalStateException, 500, overloaded",
            "java.lang.StackOverflowError, 500, overloaded"})
    void whatFailsInTheContainerIsAnsweredByItsCause(@Nullable Class<? extends Throwable> cause, @Nullable Integer status, String code)
            throws ReflectiveOperationException {
        request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, cause == null ? null : cause.getConstructor().newInstance());
        request.setAttribute(RequestDispatcher.ERROR_STATUS_CODE, status);
        ResponseEntity<Object> answer = new ErrorPageController().answer(request);
        assertThat(body(answer).code()).isEqualTo(code);
        assertThat(answer.getStatusCode().value()).isEqualTo(ProblemType.of(code).status());
        assertThat(reason()).isEqualTo("overloaded".equals(code) ? "failure" : null);
    }

    /** The container refuses so while it stops. */
    @Test
    void whatTheContainerHasNoTimeForComesAtTheEndOfTheService() {
        request.setAttribute(RequestDispatcher.ERROR_STATUS_CODE, 503);
        assertThatThrownBy(() -> new ErrorPageController().answer(request)).isInstanceOf(ShutdownException.class);
    }

    @Test
    void aBodyThatCannotBeReadToItsEndIsBrokenOff() {
        for (Throwable cause : List.of(new IOException("chunk"), JacksonIOException.construct(new IOException("chunk")))) {
            ErrorDetail error = UnreadableBody.error(cause);
            assertThat(error.code()).isEqualTo("bad-request");
            assertThat(error.message()).isEqualTo("the body could not be read to its end");
        }
    }

    @Test
    void aRefusalStandsWithoutTheProgramThatMendsIt() {
        ErrorDetail error = ErrorDetail.of(ProblemType.SYNTAX_ERROR, "wrong");
        RequestException refusal = new RequestException(List.of(error), 3, new MendedText("f = x", List.of()));
        assertThat(refusal.mended()).isNotNull();
        RequestException without = refusal.withoutMendedText();
        assertThat(without.mended()).isNull();
        assertThat(without.errors()).containsExactly(error);
        assertThat(without.total()).isEqualTo(3);
    }

    @Test
    void thereIsNoTypeOfAnotherCode() {
        assertThatThrownBy(() -> ProblemType.of("none")).hasMessage("no problem type has code none");
    }
}
