package org.sallyport.contract;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A string (UTF-8) or an array of numbers: elements side by side, little-endian. */
final class BlockType extends ValueType.Buffered {
    private static final List<BlockType> ALL_OF_THEM = List.of(
            new BlockType(String.class, 1, text -> ((String) text).getBytes(StandardCharsets.UTF_8),
                    (bytes, _) -> new String(bytes.array(), StandardCharsets.UTF_8)),
            new BlockType(byte[].class, 1, bytes -> (byte[]) bytes, (bytes, _) -> bytes.array()),
            new BlockType(int[].class, 4,
                    numbers -> buffer(4, ((int[]) numbers).length, (bytes, n) -> bytes.asIntBuffer().put((int[]) numbers)),
                    (bytes, n) -> {
                        int[] numbers = new int[n];
                        bytes.asIntBuffer().get(numbers);
                        return numbers;
                    }),
            new BlockType(long[].class, 8,
                    numbers -> buffer(8, ((long[]) numbers).length, (bytes, n) -> bytes.asLongBuffer().put((long[]) numbers)),
                    (bytes, n) -> {
                        long[] numbers = new long[n];
                        bytes.asLongBuffer().get(numbers);
                        return numbers;
                    }),
            new BlockType(float[].class, 4,
                    numbers -> buffer(4, ((float[]) numbers).length, (bytes, n) -> bytes.asFloatBuffer().put((float[]) numbers)),
                    (bytes, n) -> {
                        float[] numbers = new float[n];
                        bytes.asFloatBuffer().get(numbers);
                        return numbers;
                    }),
            new BlockType(double[].class, 8,
                    numbers -> buffer(
                            8, ((double[]) numbers).length, (bytes, n) -> bytes.asDoubleBuffer().put((double[]) numbers)),
                    (bytes, n) -> {
                        double[] numbers = new double[n];
                        bytes.asDoubleBuffer().get(numbers);
                        return numbers;
                    }));

    private final int element;
    private final Function<Object, byte[]> encode;
    private final BiFunction<ByteBuffer, Integer, Object> decode;

    private BlockType(
            Class<?> java, int element, Function<Object, byte[]> encode, BiFunction<ByteBuffer, Integer, Object> decode) {
        super(java);
        this.element = element;
        this.encode = encode;
        this.decode = decode;
    }

    static @Nullable BlockType of(Class<?> java) {
        for (BlockType block : ALL_OF_THEM) {
            if (block.java == java) {
                return block;
            }
        }
        return null;
    }

    private static byte[] buffer(int size, int count, BiFunction<ByteBuffer, Integer, Object> fill) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(size, count)).order(ByteOrder.LITTLE_ENDIAN);
        fill.apply(bytes, count);
        return bytes.array();
    }

    @Override
    Image image(Object value, String where) {
        if (element == 1) {
            return Image.of(encode.apply(value));
        }
        Image image = new Image(element, where);
        append(image, value);
        image.setCount(image.length() / element);
        return image;
    }

    @Override
    boolean isCounted() {
        return true;
    }

    @Override
    int size() {
        return 8;
    }

    @Override
    int align() {
        return 4;
    }

    @Override
    int length(int count) {
        return count * element;
    }

    @Override
    void write(Image image, int offset, Object value) {
        int at = append(image, value);
        image.putPair(offset, at, (image.length() - at) / element);
    }

    private int append(Image image, Object value) {
        byte[] contents = encode.apply(value);
        int at = image.append(contents.length, element);
        image.bytes().put(at, contents);
        return at;
    }

    @Override
    Object read(Incoming in, long at) {
        return read(in, in.nested(at), in.memory.getInt(at + 4));
    }

    @Override
    Object read(Incoming in, int address, int count) {
        long at = in.range(address, count, element, 0);
        ByteBuffer bytes = ByteBuffer.wrap(in.memory.readBytes(at, count * element)).order(ByteOrder.LITTLE_ENDIAN);
        return decode.apply(bytes, count);
    }
}
