package io.chainrule.web.json;

/** Reads an attribute of a node: {@link Double}, {@link Boolean}, {@link String} or a list of these. */
public final class AttributeDeserializer extends ReportingDeserializer<Object> {
    public AttributeDeserializer() {
        super(Object.class, Values::attribute, "");
    }
}
