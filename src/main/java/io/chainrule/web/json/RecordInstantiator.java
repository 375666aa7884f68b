package io.chainrule.web.json;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.PropertyValueBuffer;
import tools.jackson.databind.introspect.AnnotatedConstructor;

/** Makes a record of the array of its fields by one method handle. Jackson adapts its own handle anew for each record. */
final class RecordInstantiator extends ValueInstantiator.Delegating {
    private static final long serialVersionUID = 1L;
    private static final MethodType OF_ARRAY = MethodType.methodType(Object.class, Object[].class);

    private final transient MethodHandle constructor;

    private RecordInstantiator(ValueInstantiator usual, MethodHandle constructor) {
        super(usual);
        this.constructor = constructor;
    }

    static ValueInstantiator of(ValueInstantiator usual) {
        if (!(usual.getWithArgsCreator() instanceof AnnotatedConstructor known)) {
            return usual;
        }
        Constructor<?> constructor = known.getAnnotated();
        constructor.setAccessible(true);
        try {
            MethodHandle handle = MethodHandles.lookup().unreflectConstructor(constructor);
            return new RecordInstantiator(usual, handle.asSpreader(Object[].class, constructor.getParameterCount()).asType(OF_ARRAY));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(constructor.toString(), e);
        }
    }

    @Override
    public Object createFromObjectWith(DeserializationContext context, SettableBeanProperty[] properties, PropertyValueBuffer buffer) {
        return createFromObjectWith(context, buffer.getParameters(context, properties));
    }

    @Override
    public Object createFromObjectWith(DeserializationContext context, Object[] fields) {
        try {
            return (Object) constructor.invokeExact(fields);
        } catch (Throwable _) {
            // Jackson's own way throws the same, and says in which field.
            return super.createFromObjectWith(context, fields);
        }
    }
}
