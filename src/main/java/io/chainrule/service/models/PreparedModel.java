package io.chainrule.service.models;

import io.chainrule.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model that is ready to be stored, and the values that it keeps. */
public record PreparedModel(ModelDefinition definition, Map<String, Tensor> values) {
    /** The digest of its definition, by which it is the same as a version that is stored. */
    public String digest() {
        return Contents.digest(definition.json());
    }

    /** The same with other values, as they are after a training. Names that it does not keep are left out. */
    public PreparedModel with(Map<String, Tensor> others) {
        Map<String, Tensor> all = new LinkedHashMap<>(values);
        all.replaceAll((name, value) -> others.getOrDefault(name, value));
        return new PreparedModel(definition.keeping(all), all);
    }
}
