/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */
package ai.djl.mamba.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The canonical JSON of records of options: the components that differ from given defaults, in the
 * order of their declaration. A component that is added later, with a default that changes nothing,
 * leaves what was saved before as it is.
 */
public final class RecordJson {

    private RecordJson() {}

    /**
     * Writes a record.
     *
     * @param values the record
     * @param defaults a record of the same class
     * @return the components in which the two differ
     */
    public static JsonObject write(Record values, Record defaults) {
        JsonObject json = new JsonObject();
        for (RecordComponent component : values.getClass().getRecordComponents()) {
            Object value = get(component, values);
            Object usual = get(component, defaults);
            if (!value.equals(usual)) {
                json.add(component.getName(), element(value, usual));
            }
        }
        return json;
    }

    private static JsonElement element(Object value, Object usual) {
        if (value instanceof Record values) {
            return write(values, (Record) usual);
        }
        if (value instanceof Boolean flag) {
            return new JsonPrimitive(flag);
        }
        boolean isFinite = value instanceof Number number && Double.isFinite(number.doubleValue());
        // JSON has no other numbers
        return isFinite ? new JsonPrimitive((Number) value) : new JsonPrimitive(value.toString());
    }

    /**
     * Reads a record.
     *
     * @param owner what the record describes, for messages
     * @param json the components that differ from the defaults
     * @param defaults the defaults
     * @param others keys that are not components and are left to the caller
     * @param <T> the class of the record
     * @return the record
     * @throws IllegalArgumentException if a key is unknown, a value is not of its component's type,
     *     or the constructor refuses it
     */
    public static <T extends Record> T read(
            String owner, JsonObject json, T defaults, String... others) {
        RecordComponent[] components = defaults.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        Set<String> unknown = new TreeSet<>(json.keySet());
        unknown.removeAll(List.of(others));
        for (int i = 0; i < values.length; i++) {
            String name = components[i].getName();
            Object usual = get(components[i], defaults);
            values[i] = json.has(name) ? value(owner + '.' + name, json.get(name), usual) : usual;
            unknown.remove(name);
        }
        Checks.require(unknown.isEmpty(), owner, "unknown options %s", unknown);
        return create(defaults, components, values);
    }

    private static Object value(String owner, JsonElement json, Object usual) {
        if (usual instanceof Record defaults) {
            Checks.require(json.isJsonObject(), owner, "expected an object, got %s", json);
            return read(owner, json.getAsJsonObject(), defaults);
        }
        try {
            return primitive(json.getAsJsonPrimitive(), usual);
        } catch (IllegalStateException | ArithmeticException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    String.format("%s: expected a value such as %s, got %s", owner, usual, json),
                    e);
        }
    }

    private static Object primitive(JsonPrimitive json, Object usual) {
        String text = json.getAsString();
        if (usual instanceof Boolean) {
            return of(json.isBoolean(), json.getAsBoolean());
        } else if (usual instanceof Integer) {
            return of(json.isNumber(), json.getAsBigDecimal().intValueExact());
        } else if (usual instanceof Long) {
            return of(json.isNumber(), json.getAsBigDecimal().longValueExact());
        } else if (usual instanceof Float) {
            float value = Float.parseFloat(text);
            return of(json.isNumber() || !Float.isFinite(value), value);
        } else if (usual instanceof Double) {
            double value = Double.parseDouble(text);
            return of(json.isNumber() || !Double.isFinite(value), value);
        } else if (usual instanceof Enum<?> constant) {
            return of(json.isString(), Enum.valueOf(constant.getDeclaringClass(), text));
        }
        return of(json.isString(), text);
    }

    /** Returns the value, unless it was written as another type. */
    private static Object of(boolean isTyped, Object value) {
        if (!isTyped) {
            throw new IllegalArgumentException("of another type");
        }
        return value;
    }

    private static Object get(RecordComponent component, Record values) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }

    @SuppressWarnings("unchecked") // the constructor is that of the class of the defaults
    private static <T extends Record> T create(
            T defaults, RecordComponent[] components, Object[] values) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = defaults.getClass().getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return (T) constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalStateException("cannot make a " + defaults.getClass(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make a " + defaults.getClass(), e);
        }
    }
}
