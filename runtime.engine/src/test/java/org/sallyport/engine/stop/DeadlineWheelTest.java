package org.sallyport.engine.stop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;

class DeadlineWheelTest {
    private static final int STEPS = 200_000 * Integer.getInteger("sallyport.stress", 1);
    private static final int WATCHES = 300;

    /** Against a map from watch to time. */
    @Test
    void givesWhatIsDueAndNothingElse() {
        Random random = new Random(3);
        long now = random.nextLong() >> 2;
        DeadlineWheel wheel = new DeadlineWheel(now);
        List<Watch> watches = new ArrayList<>();
        for (int i = 0; i < WATCHES; i++) {
            watches.add(new Watch(null, null));
        }
        Map<Watch, Long> model = new HashMap<>();
        for (int step = 0; step < STEPS; step++) {
            Watch watch = watches.get(random.nextInt(WATCHES));
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    long at = now + random.nextLong(1L << 8 + random.nextInt(24)) - 1000;
                    wheel.put(watch, at, now);
                    model.put(watch, Math.min(at, now + DeadlineWheel.HORIZON));
                }
                case 2 -> {
                    wheel.takeOut(watch);
                    model.remove(watch);
                }
                default -> {
                    now += random.nextInt(10) == 0 ? random.nextLong(1L << 32) : random.nextLong(1L << 21);
                    long time = now;
                    List<Watch> due = new ArrayList<>();
                    for (Watch w = wheel.due(now, null); w != null; w = w.nextDue) {
                        due.add(w);
                    }
                    List<Watch> expected =
                            model.keySet().stream().filter(w -> model.get(w) - time <= 0).toList();
                    assertThat(due).containsExactlyInAnyOrderElementsOf(expected);
                    expected.forEach(model::remove);
                    due.forEach(w -> w.nextDue = null);
                    assertThat(due).allMatch(w -> w.at == Watched.NEVER && w.slot < 0);
                    assertNotLate(wheel, model, now);
                }
            }
            assertThat(wheel.count()).isEqualTo(model.size());
        }
    }

    private static void assertNotLate(DeadlineWheel wheel, Map<Watch, Long> model, long now) {
        long first = model.values().stream().mapToLong(t -> t).min().orElse(now);
        long told = wheel.earliest(now);
        assertThat(told - first).as("wakes up in time").isNotPositive();
        model.forEach((watch, at) -> assertThat(watch.at).isEqualTo(at));
    }

    @Test
    void coversWhatIsNotBeforeItsTime() {
        DeadlineWheel wheel = new DeadlineWheel(0);
        Watch watch = new Watch(null, null);
        assertThat(watch.covers(5)).isFalse();
        wheel.put(watch, 100, 0);
        assertThat(watch.covers(99)).isFalse();
        assertThat(watch.covers(100)).isTrue();
        wheel.takeOut(watch);
        assertThat(watch.covers(100)).isFalse();
        assertThat(wheel.isEmpty()).isTrue();
    }
}
