package org.sallyport.engine.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.CodeLimits;
import org.sallyport.EngineLimits;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreClosedException;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.Mappings;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.store.LinuxMemory;

class CodeArenaTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);

    private final LinuxMemory memory = new LinuxMemory();
    private final ResourceAccount account = memory.account().newEngine(EngineLimits.DEFAULT);
    private CodeSpace space = new CodeSpace(memory, new NativeCodeGenerator(), CodeLimits.DEFAULT, account);
    private final long mappings = account.used(Kind.MAPPINGS);
    private final long empty = space.bytes();

    @AfterEach
    void givesEverythingBack() {
        space.check();
        assertThat(space.bytes()).isEqualTo(empty);
        assertThat(account.used(Kind.MAPPINGS)).isEqualTo(mappings);
        space.close();
        assertThat(memory.usage().reservations()).isLessThanOrEqualTo(1);
    }

    private static byte[] piece(Random random, int size) {
        byte[] code = new byte[size];
        random.nextBytes(code);
        return code;
    }

    private static byte[] read(long address, int size) {
        byte[] code = new byte[size];
        NativeMemory.read(address, code, 0, size);
        return code;
    }

    private record Piece(long address, byte[] code) {
        boolean isThere() {
            return Arrays.equals(read(address, code.length), code);
        }
    }

    /** Owners come and go with pieces of all sizes; every piece stays where it is and what it is. */
    @Test
    void keepsWhatWasAdded() {
        Random random = new Random(9);
        List<CodeArena> arenas = new ArrayList<>();
        List<CodeShare> shares = new ArrayList<>();
        List<List<Piece>> pieces = new ArrayList<>();
        for (int step = 0; step < 20_000 * SCALE; step++) {
            if (arenas.isEmpty() || arenas.size() < 12 && random.nextInt(400) == 0) {
                shares.add(space.newShare("test"));
                arenas.add(new CodeArena(space, shares.getLast()));
                pieces.add(new ArrayList<>());
            }
            int i = random.nextInt(arenas.size());
            if (random.nextInt(2000) == 0) {
                assertThat(pieces.get(i)).allMatch(Piece::isThere);
                arenas.remove(i).close();
                assertThat(shares.remove(i).used()).isZero();
                pieces.remove(i);
                space.check();
                continue;
            }
            int size = random.nextInt(300) == 0 ? random.nextInt(200_000) : 1 + random.nextInt(800);
            byte[] code = piece(random, size);
            pieces.get(i).add(new Piece(arenas.get(i).add(size, _ -> code), code));
        }
        pieces.forEach(list -> assertThat(list).allMatch(Piece::isThere));
        List<long[]> places = new ArrayList<>();
        pieces.forEach(list -> list.forEach(p -> places.add(new long[] {p.address, p.address + p.code.length})));
        places.sort((a, b) -> Long.compare(a[0], b[0]));
        for (int i = 1; i < places.size(); i++) {
            assertThat(places.get(i)[0]).isGreaterThanOrEqualTo(places.get(i - 1)[1]);
        }
        arenas.forEach(CodeArena::close);
    }

    /** Small pieces share pages, and the kernel has few mappings for them. */
    @Test
    void isPacked() {
        Random random = new Random(1);
        CodeShare share = space.newShare("test");
        CodeArena arena = new CodeArena(space, share);
        long least = Long.MAX_VALUE;
        long most = 0;
        long bytes = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] code = piece(random, 100 + random.nextInt(400));
            long at = arena.add(code.length, _ -> code);
            least = Math.min(least, at);
            most = Math.max(most, at + code.length);
            bytes += code.length;
            if (i % 400 == 0) {
                assertThat(Mappings.count(least, most)).isLessThanOrEqualTo(share.mappings());
            }
        }
        assertThat(share.used()).isBetween(bytes, bytes * 3 / 2);
        int mapped = Mappings.count(least, most);
        assertThat(mapped).isLessThanOrEqualTo(share.mappings());
        assertThat(share.mappings()).isLessThan(60);
        arena.close();
    }

    @Test
    void staysUsableWhenThereIsNoPlace() {
        space.close();
        account.giveBack(Kind.MAPPINGS, mappings);
        account.giveBack(Kind.COMMITTED, empty);
        space = new CodeSpace(
                memory, new NativeCodeGenerator(), CodeLimits.DEFAULT.withModuleBytes(64 << 10), account);
        CodeArena arena = new CodeArena(space, space.newShare("test"));
        byte[] large = new byte[40 << 10];
        byte[] small = new byte[1000];
        arena.add(large.length, _ -> large);
        assertThatThrownBy(() -> arena.add(large.length, _ -> large))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContainingAll("code bytes (test)", "CodeLimits.moduleBytes");
        for (int i = 0; i < 20; i++) {
            arena.add(small.length, _ -> small);
        }
        assertThatThrownBy(() -> {
            for (int i = 0; i < 20; i++) {
                arena.add(small.length, _ -> small);
            }
        }).isInstanceOf(LimitExceededException.class);
        arena.close();
        assertThatThrownBy(() -> arena.add(1, _ -> new byte[1])).isInstanceOf(StoreClosedException.class);
    }
}
