package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkedModule;
import org.sallyport.StoreLimits;
import org.sallyport.engine.heap.ObjectCollector;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/** What guests name by number or address stands for one thing, and for the right one. */
class ReferencesTest {
    private static final int STEPS = 1_000_000;

    /** Equal to all others, but not the same. */
    private record Thing(String name) {}

    /** A million handles asked for and used, against a plain list, half of which is dropped now and then. */
    @Test
    void objectsAreWhatAListSays() {
        int most = 200_000;
        Random random = new Random(9);
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withTableElements(most))) {
            References references = ((StoreImpl) f.store).references();
            ObjectCollector collector = ((StoreImpl) f.store).execution().machine().collector;
            List<Thing> things = new ArrayList<>();
            List<Long> handles = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                if (things.isEmpty() || random.nextInt(6) == 0 && things.size() < most) {
                    add(references, collector, things, handles);
                } else if (random.nextInt(100_000) == 0) {
                    dropHalf(f, collector, things, handles);
                } else {
                    int i = random.nextInt(things.size());
                    if (references.object(handles.get(i)) != things.get(i)
                            || references.handle(things.get(i)) != handles.get(i)) {
                        throw new AssertionError("handle " + handles.get(i));
                    }
                }
            }
            assertThat(handles).doesNotHaveDuplicates();
            references.check();
            while (things.size() < most) {
                add(references, collector, things, handles);
            }
            assertThatThrownBy(() -> references.handle(new Thing("one more"))).isInstanceOf(LimitExceededException.class);
            assertThat(references.handle(things.getLast())).isEqualTo(handles.getLast());
            dropHalf(f, collector, things, handles);
            add(references, collector, things, handles);
            assertThat(references.handle(null)).isZero();
            assertThat(references.object(0)).isNull();
            collector.scoped().truncate(0);
        }
    }

    private static void add(
            References references, ObjectCollector collector, List<Thing> things, List<Long> handles) {
        things.add(new Thing("the same"));
        long handle = references.handle(things.getLast());
        assertThat(handle & ObjectLayout.TAG_BITS).isEqualTo(ObjectLayout.HOST_BIT);
        assertThat(handle).isEqualTo(handle & 0xFFFF_FFFFL);
        handles.add(handle);
        collector.scoped().push(handle);
    }

    private static void dropHalf(Fixture f, ObjectCollector collector, List<Thing> things, List<Long> handles) {
        things.subList(0, things.size() / 2).clear();
        handles.subList(0, handles.size() - things.size()).clear();
        collector.scoped().truncate(0);
        handles.forEach(handle -> collector.scoped().push(handle));
        assertThat(f.store.heap().statistics().hostObjects()).isEqualTo(things.size());
    }

    private record Known(long reference, FuncImpl function) {}

    /** Functions of instances and of the host come in any order; a million references are followed meanwhile. */
    @Test
    void functionsAreWhatAListSays() {
        Random random = new Random(9);
        FuncType type = new FuncType(List.of(NumType.I32), List.of());
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withInstances(100_000))) {
            StoreImpl store = (StoreImpl) f.store;
            List<LinkedModule> modules = new ArrayList<>();
            for (int functions = 0; functions < 12; functions += 3) {
                StringBuilder wat = new StringBuilder("(module (table 20 funcref)");
                for (int i = 0; i < functions; i++) {
                    wat.append("(elem (i32.const %d) $f%d) (func $f%d)".formatted(i, i, i));
                }
                modules.add(f.linker.link(f.compile(wat.append("(func (export \"last\")))").toString())));
            }
            List<Known> known = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                if (known.isEmpty() || random.nextInt(500) == 0) {
                    add(store, modules.get(random.nextInt(modules.size())), type, random, known);
                }
                Known one = known.isEmpty() ? null : known.get(random.nextInt(known.size()));
                if (one != null && store.references().function(one.reference) != one.function) {
                    throw new AssertionError(one.function + " is another");
                }
            }
            assertThat(known).hasSizeGreaterThan(4000);
            store.check();
        }
    }

    private static void add(StoreImpl store, LinkedModule module, FuncType type, Random random, List<Known> known) {
        if (random.nextInt(3) == 0) {
            FuncImpl function = (FuncImpl) store.newFunc(type, (_, _) -> new Object[0]);
            known.add(new Known(function.reference(), function));
            return;
        }
        InstanceImpl instance = (InstanceImpl) module.instantiate(store);
        NativeModule made = (NativeModule) instance.module();
        for (int i = 0; i < made.layout().funcRefCount(); i++) {
            int function = made.layout().funcRefFunction(i);
            known.add(new Known(instance.functionReference(function), instance.function(function)));
        }
    }
}
