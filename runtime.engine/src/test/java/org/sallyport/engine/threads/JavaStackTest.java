package org.sallyport.engine.threads;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JavaStackTest {
    /** Also when it has been asked so often that a compiler would take any other method. */
    @Test
    void aQuestionIsAnsweredNoBeforeItsBytesAreGone() throws Exception {
        JavaStack.Question large = JavaStack.question(64 << 10);
        JavaStack.Question small = JavaStack.question(16 << 10);
        for (int i = 0; i < 50_000; i++) {
            assertThat(small.isAnswered()).isTrue();
        }
        Probe probe = new Probe(large, small);
        for (int i = 0; i < 20; i++) {
            Thread thread = new Thread(null, probe, "questions", 512 << 10);
            thread.start();
            thread.join();
            assertThat(probe.largeRefused).isBetween(1, probe.smallRefused - 1);
            assertThat(probe.smallRefused).as("frames of at most 200 bytes").isLessThan(probe.deepest - (16 << 10) / 200);
        }
    }

    /** Goes down to the end of the stack and notes where each question was first answered no. */
    private static final class Probe implements Runnable {
        private final JavaStack.Question large;
        private final JavaStack.Question small;
        private int largeRefused;
        private int smallRefused;
        private int deepest;

        Probe(JavaStack.Question large, JavaStack.Question small) {
            this.large = large;
            this.small = small;
        }

        @Override
        public void run() {
            largeRefused = 0;
            smallRefused = 0;
            try {
                down(1);
            } catch (StackOverflowError e) {
                // the end
            }
        }

        private void down(int depth) {
            deepest = depth;
            if (largeRefused == 0 && !large.isAnswered()) {
                largeRefused = depth;
            }
            if (smallRefused == 0 && !small.isAnswered()) {
                smallRefused = depth;
            }
            down(depth + 1);
        }
    }
}
