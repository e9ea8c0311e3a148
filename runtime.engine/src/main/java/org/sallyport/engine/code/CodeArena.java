package org.sallyport.engine.code;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

import org.sallyport.LimitExceededException;
import org.sallyport.StoreClosedException;

/**
 * Code of one owner that comes piece by piece, such as functions compiled when they are called, packed closely. Pieces
 * stay where they are until all of them are given back together. Thread-safe.
 *
 * <p>No page that has been executable is ever written, and none is writable and executable: so a piece that comes to
 * share a page with others needs another page. What is in the page is copied to pages elsewhere, the piece is added
 * there, they are made executable, and take the place of the page in one step ({@link CodeSpace#replace}). Whoever runs
 * in it at the moment does not notice, since all that was there is there again.
 *
 * <p>The kernel keeps a mapping for each piece of memory that was moved on its own, and there are not many. So four
 * pages in a row are replaced once more together when they are full, then four times four of them, and so on, and the
 * whole of a <i>chunk</i> when that is full: a hundred thousand functions take a hundred mappings. A chunk is as large as
 * all before it, up to {@value #CHUNK} bytes of address space.
 */
final class CodeArena {
    private static final long CHUNK = 1 << 20;
    private static final int JOINED = 4;
    /** Pages that are replaced together: the largest number below a chunk. */
    private static final int MOST_JOINED = 64;
    /** Mappings of an open chunk: as many pieces of each size as are not joined, what is open, and one spare. */
    private static final int OPEN = 15;
    private static final byte[] NOTHING = {};

    private final CodeSpace space;
    private final CodeShare share;

    // guarded by this
    /** Those that are full. */
    private final List<Long> chunks = new ArrayList<>();
    /** Of all chunks. */
    private long bytes;
    /** The open chunk; 0 to 0 while there is none. */
    private long chunk;
    private long chunkEnd;
    /** End of what is in it. */
    private long used;
    /** What is charged for it. */
    private int mappings;
    private boolean closed;

    CodeArena(CodeSpace space, CodeShare share) {
        this.space = space;
        this.share = share;
    }

    /**
     * Makes a piece of code executable.
     *
     * @param code makes it for an address
     * @return the address
     * @throws LimitExceededException if there is no place for it; then nothing has changed
     * @throws StoreClosedException if all was given back
     */
    synchronized long add(int size, LongFunction<byte[]> code) {
        if (closed) {
            throw new StoreClosedException("the code is closed");
        }
        if (CodeSpace.align(used) + size > chunkEnd) {
            openChunk(size);
        }
        long at = CodeSpace.align(used);
        byte[] piece = code.apply(at);
        if (piece.length != size) {
            throw new AssertionError("BUG: " + size + " bytes of code have become " + piece.length);
        }
        long page = pageOf(at);
        if (at == page) {
            space.write(at, piece); // nobody has ever run there
        } else {
            space.replace(page, used - page, at - page, piece);
        }
        long before = pageOf(used);
        used = at + size;
        join(before, pageOf(used));
        return at;
    }

    private long pageOf(long address) {
        return address & -space.pages(1);
    }

    /** Pages have become full: makes one of as many as are due. */
    private void join(long before, long now) {
        for (int pages = MOST_JOINED; pages > 1; pages /= JOINED) {
            long size = pages * space.pages(1);
            long start = chunk + (before - chunk) / size * size;
            long end = chunk + (now - chunk) / size * size;
            if (start < end) {
                replaceAll(start, end);
                return;
            }
        }
    }

    private void replaceAll(long start, long end) {
        try {
            space.replace(start, end - start, end - start, NOTHING);
        } catch (LimitExceededException e) {
            // then it stays in pieces
        }
    }

    private void openChunk(int size) {
        long least = space.pages(Math.max(size, 1));
        long wanted = Math.max(least, Math.min(CHUNK, bytes));
        long start;
        try {
            start = space.take(share, wanted, mappings(wanted));
        } catch (LimitExceededException e) {
            if (wanted == least) {
                throw e;
            }
            wanted = least;
            start = space.take(share, wanted, mappings(wanted));
        }
        closeChunk();
        chunk = start;
        chunkEnd = start + wanted;
        used = start;
        mappings = mappings(wanted);
        bytes += wanted;
    }

    private int mappings(long size) {
        return (int) Math.min(OPEN, size / space.pages(1));
    }

    private void closeChunk() {
        if (chunkEnd == 0) {
            return;
        }
        if (used == chunk) { // the first piece in it could not be written
            bytes -= chunkEnd - chunk;
            space.giveBack(share, chunk, mappings);
            return;
        }
        long end = space.pages(used);
        if (end - chunk > space.pages(1)) {
            replaceAll(chunk, end);
        }
        bytes -= chunkEnd - end;
        space.shrink(share, chunk, end, mappings - CodeSpace.MAPPINGS);
        chunks.add(chunk);
    }

    /** Nothing runs in any of it any more. Goes on where it failed before. */
    synchronized void close() {
        closed = true;
        while (!chunks.isEmpty()) {
            space.giveBack(share, chunks.getLast(), CodeSpace.MAPPINGS);
            chunks.removeLast();
        }
        if (chunkEnd != 0) {
            space.giveBack(share, chunk, mappings);
            chunkEnd = 0;
        }
    }
}
