package io.chainrule.core;

import com.github.benmanes.caffeine.cache.Cache;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The objects that can be reached from some, through fields of our classes and lambdas, collections, maps, caches and arrays. */
public record Reachable(Set<Object> objects) {

    public static Reachable from(Object... roots) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> open = new ArrayDeque<>();
        for (Object root : roots) {
            push(root, seen, open);
        }
        while (!open.isEmpty()) {
            Object object = open.pop();
            switch (object) {
                case Object[] array -> {
                    for (Object element : array) {
                        push(element, seen, open);
                    }
                }
                case Map<?, ?> map -> map.forEach((key, value) -> {
                    push(key, seen, open);
                    push(value, seen, open);
                });
                case Cache<?, ?> cache -> push(cache.asMap(), seen, open);
                case Collection<?> collection -> collection.forEach(element -> push(element, seen, open));
                default -> fields(object, seen, open);
            }
        }
        return new Reachable(seen);
    }

    /** Those of a type. */
    public <T> List<T> of(Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static void push(@Nullable Object object, Set<Object> seen, Deque<Object> open) {
        if (object != null && seen.add(object)) {
            open.push(object);
        }
    }

    private static void fields(Object object, Set<Object> seen, Deque<Object> open) {
        for (Class<?> type = object.getClass(); type != null && type.getName().startsWith("io.chainrule."); type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    try {
                        push(field.get(object), seen, open);
                    } catch (IllegalAccessException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }
        }
    }
}
