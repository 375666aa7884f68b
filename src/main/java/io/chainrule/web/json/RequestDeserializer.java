package io.chainrule.web.json;

import io.chainrule.service.run.OverloadedException;
import io.chainrule.web.problem.ErrorDetail;
import io.chainrule.web.problem.ProblemType;
import io.chainrule.web.problem.RequestException;
import io.chainrule.web.problem.UnreadableBody;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;

/** Wraps the deserializer of every record. The outermost collects the errors of the whole body and throws them together. */
final class RequestDeserializer extends DelegatingDeserializer {
    private RequestDeserializer(ValueDeserializer<?> delegate) {
        super(delegate);
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> newDelegate) {
        return new RequestDeserializer(newDelegate);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) {
        if (Findings.of(context) != null) {
            return super.deserialize(parser, context);
        }
        Findings findings = Findings.start(context);
        try {
            Object request = super.deserialize(parser, context);
            findings.throwIfAny();
            return request;
        } catch (DatabindException e) {
            if (e.getCause() instanceof RuntimeException cause && isRefusal(cause)) {
                throw cause;
            }
            findings.add(UnreadableBody.mismatch(e));
            throw findings.exception();
        }
    }

    /**
     * Whether reading ended because the body is too long, or because there is no memory for it now. Jackson wraps exceptions that a stream
     * throws.
     */
    private static boolean isRefusal(RuntimeException cause) {
        return cause instanceof RequestException || cause instanceof OverloadedException;
    }

    /** Jackson calls this for a body that is just {@code null}; anywhere else null stands for an absent field. */
    @Override
    public Object getNullValue(DeserializationContext context) {
        if (Findings.of(context) == null) {
            throw new RequestException(ErrorDetail.of(ProblemType.WRONG_TYPE, "the body is null; a JSON object is needed").at(""));
        }
        return super.getNullValue(context);
    }

    static final class Modifier extends ValueDeserializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public ValueDeserializer<?> modifyDeserializer(DeserializationConfig config, BeanDescription.Supplier bean,
                ValueDeserializer<?> deserializer) {
            return bean.getBeanClass().isRecord() ? new RequestDeserializer(deserializer) : deserializer;
        }
    }
}
