package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sallyport.Config;
import org.sallyport.itests.inputs.RealInputs;

/** Published modules that ask for little of a host compute what they compute in Node.js, and what is published. */
class PublishedCallsTest {
    private static final int[] LENGTHS = {0, 1, 63, 64, 65, 1_023, 1_024, 1_025, 5_000, 100_000};

    @Test
    void blake3() throws Exception {
        PublishedCalls calls = new PublishedCalls(RealInputs.blake3(), "memory", "__wbindgen_malloc");
        calls.allocate("digest", new byte[32]);
        for (int length : LENGTHS) {
            calls.allocate("text", counting(length));
            calls.call("hash", "text", length, "digest", 32);
            calls.read("digest", 32);
        }
        List<String> digests = everywhere(calls);
        // The first two of the official test vectors: no byte, and one byte 0.
        assertThat(digests).hasSize(LENGTHS.length).startsWith(
                "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
                "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213");
    }

    /** RFC 9106, sections 5.1 to 5.3, and passwords of other lengths. */
    @Test
    void argon2() throws Exception {
        PublishedCalls calls = new PublishedCalls(RealInputs.argon2Vectors(), "c", "f");
        calls.call("d");
        calls.allocate("password", repeated(1, 32));
        calls.allocate("salt", repeated(2, 16));
        calls.allocate("secret", repeated(3, 8));
        calls.allocate("data", repeated(4, 12));
        calls.allocate("tag", new byte[32]);
        for (int kind = 0; kind <= 2; kind++) {
            calls.report("l", 3, 32, 4, "password", 32, "salt", 16, "tag", 32, 0, 0, kind, "secret", 8, "data", 12, 19);
            calls.read("tag", 32);
        }
        for (int length : new int[] {0, 1, 17, 500}) {
            calls.allocate("password", counting(length));
            calls.report("e", 2, 1024, 1, "password", length, "salt", 16, "tag", 32, 0, 0, 2, 19);
            calls.read("tag", 32);
        }
        assertThat(everywhere(calls)).hasSize(14).startsWith(
                "0", "512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb",
                "0", "c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8",
                "0", "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
    }

    /** Products of matrices, a softmax and a prelu of random numbers: bit for bit. */
    @Test
    void tensorflow() throws Exception {
        Random random = new Random(7);
        int rows = 37;
        int inner = 50;
        int columns = 29;
        PublishedCalls calls = new PublishedCalls(RealInputs.tensorflowVectors(), "memory", "malloc");
        calls.call("__wasm_call_ctors");
        calls.call("init");
        tensor(calls, 1, "a", numbers(random, rows * inner));
        tensor(calls, 2, "b", numbers(random, inner * columns));
        tensor(calls, 3, "product", new byte[4 * rows * columns]);
        tensor(calls, 4, "softmax", new byte[4 * rows * columns]);
        tensor(calls, 5, "weights", numbers(random, columns));
        tensor(calls, 6, "prelu", new byte[4 * rows * columns]);
        calls.allocate("shapeA", integers(1, rows, inner));
        calls.allocate("shapeB", integers(1, inner, columns));
        calls.call("BatchMatMul", 1, "shapeA", 3, 2, "shapeB", 3, 0, 0, 3);
        calls.read("product", 4 * rows * columns);
        calls.call("Softmax", 3, 4, columns, rows);
        calls.read("softmax", 4 * rows * columns);
        calls.call("Prelu", 3, 5, 6);
        calls.read("prelu", 4 * rows * columns);
        List<String> found = everywhere(calls);
        assertThat(found)
                .hasSize(3)
                .allSatisfy(bytes -> assertThat(bytes).hasSize(8 * rows * columns).containsPattern("[1-9a-f]"));
    }

    /** Runs the plan optimized, as it stands, and in Node.js; returns what all of them read. */
    private static List<String> everywhere(PublishedCalls calls) throws Exception {
        Config config = Config.defaults();
        List<String> optimized = calls.run(config);
        assertThat(calls.run(config.withCompile(config.compile().withOptimize(false)))).isEqualTo(optimized);
        calls.runInNode().ifPresentOrElse(
                theirs -> assertThat(theirs).isEqualTo(optimized),
                () -> System.err.println("\n*** NOT COMPARED with Node.js, which is not installed\n"));
        return optimized;
    }

    private static void tensor(PublishedCalls calls, int id, String name, byte[] numbers) {
        calls.allocate(name, numbers);
        calls.call("register_tensor", id, numbers.length / 4, name);
    }

    /** The input of BLAKE3's official vectors: 0 to 250, again and again. */
    private static byte[] counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return bytes;
    }

    private static byte[] repeated(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] numbers(Random random, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat((float) random.nextGaussian());
        }
        return bytes.array();
    }

    private static byte[] integers(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return bytes.array();
    }
}
