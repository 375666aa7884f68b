package io.chainrule.web.json;

/** For attributes of a node: {@link Double}, {@link Boolean}, {@link String} and lists of these. */
public final class AttributeDeserializer extends ReportingDeserializer<Object> {
    public AttributeDeserializer() {
        super(Values::attribute, "");
    }
}
