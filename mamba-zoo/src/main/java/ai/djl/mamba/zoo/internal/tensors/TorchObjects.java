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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Malformed;
import ai.djl.mamba.zoo.internal.tensors.Unpickler.Dictionary;
import ai.djl.mamba.zoo.internal.tensors.Unpickler.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The globals that a PyTorch pickle may use, and the tensors that it creates by them. */
final class TorchObjects implements Unpickler.Objects {

    private static final int MAX_AXES = 16;

    /** The maximum size of a tensor that repeats elements and is larger than its storage. */
    private static final long MAX_REPEATED_BYTES = 1 << 26;

    private static final Map<String, ElementType> STORAGES =
            Map.of(
                    "DoubleStorage", ElementType.F64,
                    "FloatStorage", ElementType.F32,
                    "HalfStorage", ElementType.F16,
                    "BFloat16Storage", ElementType.BF16,
                    "LongStorage", ElementType.I64,
                    "IntStorage", ElementType.I32,
                    "ShortStorage", ElementType.I16,
                    "CharStorage", ElementType.I8,
                    "ByteStorage", ElementType.U8,
                    "BoolStorage", ElementType.BOOL);

    private static final Map<String, ElementType> DTYPES =
            Map.ofEntries(
                    Map.entry("float64", ElementType.F64),
                    Map.entry("float32", ElementType.F32),
                    Map.entry("float16", ElementType.F16),
                    Map.entry("bfloat16", ElementType.BF16),
                    Map.entry("int64", ElementType.I64),
                    Map.entry("int32", ElementType.I32),
                    Map.entry("int16", ElementType.I16),
                    Map.entry("int8", ElementType.I8),
                    Map.entry("uint64", ElementType.U64),
                    Map.entry("uint32", ElementType.U32),
                    Map.entry("uint16", ElementType.U16),
                    Map.entry("uint8", ElementType.U8),
                    Map.entry("bool", ElementType.BOOL),
                    Map.entry("float8_e4m3fn", ElementType.F8_E4M3),
                    Map.entry("float8_e5m2", ElementType.F8_E5M2));

    private static final Map<String, Function> FUNCTIONS =
            Map.of(
                    "collections.OrderedDict", Function.ORDERED_DICT,
                    "torch.Size", Function.SIZE,
                    "torch._utils._rebuild_tensor", Function.TENSOR,
                    "torch._utils._rebuild_tensor_v2", Function.TENSOR,
                    "torch._utils._rebuild_tensor_v3", Function.TENSOR_OF_TYPE,
                    "torch._utils._rebuild_parameter", Function.PARAMETER,
                    // with attributes of the parameter, which are ignored
                    "torch._utils._rebuild_parameter_with_state", Function.PARAMETER);

    private final TorchArchive archive;
    private final Map<String, TorchArchive.Extent> records = new HashMap<>();

    /** The functions that a pickle may call. */
    private enum Function {
        ORDERED_DICT,
        SIZE,
        TENSOR,
        TENSOR_OF_TYPE,
        PARAMETER
    }

    /** The class of a storage; without a type, its size is in bytes. */
    private record StorageClass(Optional<ElementType> type) {}

    /** A record of the archive, or the start of one, as referred to by tensors. */
    private record Storage(String key, long position, long bytes, Optional<ElementType> type) {}

    TorchObjects(TorchArchive archive) {
        this.archive = archive;
    }

    /** {@inheritDoc} */
    @Override
    public Object global(String module, String name) throws MalformedModelException {
        String global = module + '.' + name;
        if (FUNCTIONS.containsKey(global)) {
            return FUNCTIONS.get(global);
        }
        if (module.equals("torch") && STORAGES.containsKey(name)) {
            return new StorageClass(Optional.of(STORAGES.get(name)));
        }
        if (module.equals("torch") && DTYPES.containsKey(name)) {
            return DTYPES.get(name);
        }
        if (global.equals("torch.storage.UntypedStorage")
                || global.equals("torch.UntypedStorage")) {
            return new StorageClass(Optional.empty());
        }
        throw malformed("the global " + global + " is not allowed in a file of tensors");
    }

    /** {@inheritDoc} */
    @Override
    public Object call(Object callable, List<Object> arguments) throws MalformedModelException {
        if (!(callable instanceof Function function)) {
            throw malformed("the callee is not a function");
        }
        return switch (function) {
            case ORDERED_DICT -> {
                if (!arguments.isEmpty()) {
                    throw malformed("collections.OrderedDict has arguments, expected none");
                }
                yield new Dictionary();
            }
            case SIZE -> argument(arguments, 0, Tuple.class);
            case TENSOR -> tensor(arguments, Optional.empty());
            case TENSOR_OF_TYPE ->
                    tensor(arguments, Optional.of(argument(arguments, 6, ElementType.class)));
            case PARAMETER -> argument(arguments, 0, StoredTensor.class);
        };
    }

    /** {@inheritDoc} */
    @Override
    public Object persistent(Object id) throws MalformedModelException {
        if (!(id instanceof Tuple tuple)
                || !argument(tuple.items(), 0, String.class).equals("storage")) {
            throw malformed("a persistent id is not a storage");
        }
        Optional<ElementType> type = argument(tuple.items(), 1, StorageClass.class).type();
        String key = argument(tuple.items(), 2, String.class);
        long count = argument(tuple.items(), 4, Long.class);
        TorchArchive.Extent record = records.get(key);
        if (record == null) {
            record = archive.find("data/" + key);
            records.put(key, record);
        }
        long elementBytes = type.orElse(ElementType.U8).bytes();
        if (count < 0 || count > record.length() / elementBytes) {
            throw malformed(
                    String.format(
                            "storage %s of %d elements of %d bytes exceeds its record of %d bytes",
                            key, count, elementBytes, record.length()));
        }
        return new Storage(key, record.position(), count * elementBytes, type);
    }

    private StoredTensor tensor(List<Object> arguments, Optional<ElementType> dtype)
            throws MalformedModelException {
        Storage storage = argument(arguments, 0, Storage.class);
        ElementType type =
                dtype.or(storage::type)
                        .orElseThrow(() -> malformed("a tensor has no element type"));
        long offset = argument(arguments, 1, Long.class);
        long[] sizes = axes(argument(arguments, 2, Tuple.class));
        long[] strides = axes(argument(arguments, 3, Tuple.class));
        if (sizes.length != strides.length) {
            throw malformed(
                    "a tensor has " + sizes.length + " sizes, but " + strides.length + " strides");
        }
        checkReach(storage, type, offset, sizes, strides);
        return new StoredTensor(
                archive.bytes(), storage.position() + offset * type.bytes(), type, sizes, strides);
    }

    private void checkReach(
            Storage storage, ElementType type, long offset, long[] sizes, long[] strides)
            throws MalformedModelException {
        long bytes;
        long last = offset;
        try {
            bytes = type.bytes(sizes);
            for (int i = 0; i < sizes.length && bytes > 0; i++) {
                last = Math.addExact(last, Math.multiplyExact(sizes[i] - 1, strides[i]));
            }
        } catch (ArithmeticException e) {
            throw malformed("a tensor has impossible sizes or strides");
        }
        // an empty tensor has no elements, but may start at the end
        long end = storage.bytes() / type.bytes();
        if (offset < 0 || last > end || (last == end && bytes > 0)) {
            throw malformed(
                    String.format(
                            "a tensor spans elements %d to %d of storage %s, which has %d",
                            offset, last, storage.key(), end));
        }
        if (bytes > Math.max(storage.bytes(), MAX_REPEATED_BYTES)) {
            throw malformed(
                    String.format(
                            "a tensor of %d bytes repeats a storage of %d bytes too often",
                            bytes, storage.bytes()));
        }
    }

    private long[] axes(Tuple tuple) throws MalformedModelException {
        if (tuple.items().size() > MAX_AXES) {
            throw malformed("a tensor has more than " + MAX_AXES + " axes");
        }
        long[] values = new long[tuple.items().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = argument(tuple.items(), i, Long.class);
            if (values[i] < 0) {
                throw malformed("a tensor has a negative size or stride " + values[i]);
            }
        }
        return values;
    }

    private <T> T argument(List<Object> arguments, int index, Class<T> type)
            throws MalformedModelException {
        if (index < arguments.size() && type.isInstance(arguments.get(index))) {
            return type.cast(arguments.get(index));
        }
        throw malformed(
                "item "
                        + index
                        + " of "
                        + arguments.size()
                        + " is not of type "
                        + type.getSimpleName());
    }

    private MalformedModelException malformed(String what) {
        return Malformed.of(archive.bytes().file() + ": " + what);
    }
}
