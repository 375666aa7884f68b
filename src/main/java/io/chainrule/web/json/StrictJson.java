package io.chainrule.web.json;

import com.fasterxml.jackson.annotation.Nulls;
import io.chainrule.core.picture.ClusterForm;
import io.chainrule.core.picture.PictureFormat;
import io.chainrule.core.picture.Theme;
import io.chainrule.core.picture.WireWidth;
import io.chainrule.core.language.Language;
import io.chainrule.core.rows.RowPolicy;
import io.chainrule.core.rows.RowProgram;
import io.chainrule.core.tensor.Shape;
import io.chainrule.core.tensor.Tensor;
import io.chainrule.core.Signature.GateForm;
import io.chainrule.core.Transformation.Locals;
import io.chainrule.core.Transformation.Remarks;
import io.chainrule.core.Signature.NodeSelection;
import io.chainrule.core.Signature.Reduction;
import io.chainrule.core.Transformation;
import io.chainrule.core.explain.Explainer;

import io.chainrule.service.bulk.RowEngine;
import io.chainrule.service.program.DerivativeForm;
import io.chainrule.service.program.DerivativeFormat;
import io.chainrule.service.program.MatrixFormat;
import io.chainrule.core.training.Metric;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Makes the JSON reader strict: unknown fields, duplicate names and values of another type are errors, never ignored or converted. Numbers
 * are read by Jackson's fast parser of doubles and written by the JDK's shortest digits; both are exact.
 */
@Component
public final class StrictJson implements JsonMapperBuilderCustomizer {

    @Bean
    static JsonFactory jsonFactory() {
        return new IsolatedJsonFactory();
    }

    @Override
    public void customize(JsonMapper.Builder builder) {
        builder.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES, DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .changeDefaultNullHandling(handling -> handling.withContentNulls(Nulls.FAIL))
                .addHandler(new RecordProblems())
                .addModule(values());
    }

    private static SimpleModule values() {
        SimpleModule module = new SimpleModule("values").setDeserializerModifier(new RequestDeserializer.Modifier())
                .addSerializer(EncodedTensor.class, new EncodedTensorSerializer()).addSerializer(Shape.class, new ShapeSerializer());
        read(module, String.class, Values::text, "");
        read(module, Double.class, parser -> Numbers.strict(parser, "a number"), 0.0);
        read(module, Integer.class, parser -> (int) Numbers.whole(parser, Integer.MIN_VALUE, Integer.MAX_VALUE), 0);
        read(module, Long.class, parser -> Numbers.whole(parser, Long.MIN_VALUE, Long.MAX_VALUE), 0L);
        read(module, Boolean.class, Values::flag, false);
        read(module, Tensor.class, Values::tensor, Tensor.scalar(0));
        read(module, Shape.class, Shapes::read, Shape.SCALAR);
        read(module, RawJson.class, RawJson::read, new RawJson("{}"));
        read(module, NodeSelection.class, Values::nodeSelection, new NodeSelection.All());
        read(module, GateForm.class, Values::gateForm, GateForm.Whole.AS_WRITTEN);
        read(module, ArrayForm.class, Values.option(ArrayForm.class), ArrayForm.NESTED);
        read(module, Reduction.class, Values.option(Reduction.class), Reduction.NONE);
        read(module, Locals.class, Values.option(Locals.class), Locals.AUTO);
        read(module, Remarks.class, Values.option(Remarks.class), Remarks.ALL);
        read(module, DerivativeForm.class, Values.option(DerivativeForm.class), DerivativeForm.TEXTBOOK);
        read(module, DerivativeFormat.class, Values.option(DerivativeFormat.class), DerivativeFormat.EXPRESSION);
        read(module, MatrixFormat.class, Values.option(MatrixFormat.class), MatrixFormat.DENSE);
        read(module, Transformation.Mode.class, Values.option(Transformation.Mode.class), Transformation.Mode.AUTO);
        read(module, Theme.class, Values.option(Theme.class), Theme.AUTO);
        read(module, WireWidth.class, Values.option(WireWidth.class), WireWidth.PLAIN);
        read(module, ClusterForm.class, Values.option(ClusterForm.class), ClusterForm.AUTO);
        read(module, PictureFormat.class, Values.option(PictureFormat.class), PictureFormat.SVG);
        read(module, Explainer.Level.class, Values.option(Explainer.Level.class), Explainer.Level.FULL);
        read(module, RowPolicy.OnCell.class, Values.option(RowPolicy.OnCell.class), RowPolicy.OnCell.FAIL);
        read(module, RowPolicy.OnResult.class, Values.option(RowPolicy.OnResult.class), RowPolicy.OnResult.FAIL);
        read(module, RowEngine.Kind.class, Values.option(RowEngine.Kind.class), RowEngine.Kind.LOCAL);
        read(module, RowProgram.Derivatives.class, Values.option(RowProgram.Derivatives.class), RowProgram.Derivatives.GRADIENT);
        read(module, ColumnNames.class, Values::columnNames, ColumnNames.of(""));
        read(module, Language.class, Values.option(Language.class), Language.EN);
        read(module, Metric.class, Values.option(Metric.class), Metric.ACCURACY);
        return module;
    }

    private static <T> void read(SimpleModule module, Class<T> type, ReportingDeserializer.Reader<T> reader, T placeholder) {
        module.addDeserializer(type, new ReportingDeserializer<>(type, reader, placeholder));
    }
}
