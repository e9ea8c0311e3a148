package org.sallyport.cli;

import java.util.List;
import java.util.Locale;
import org.sallyport.wasm.Printable;

/** A {@link CoreDump} for people. */
final class CoreDumpText {
    private final StringBuilder out = new StringBuilder();

    private CoreDumpText() {}

    static String of(String file, CoreDump dump) {
        return new CoreDumpText().text(file, dump);
    }

    private String text(String file, CoreDump dump) {
        line("%s: core dump of %s", file, Printable.name(dump.executable()));
        for (CoreDump.ThreadOf thread : dump.threads()) {
            line("");
            line("thread %s:", Printable.name(thread.name()));
            int number = 0;
            for (CoreDump.Frame frame : thread.frames()) {
                String module = Printable.name(dump.modules().get(dump.instances().get(frame.instance()).module()));
                for (String copied : frame.lines().subList(0, Math.max(0, frame.lines().size() - 1))) {
                    line("       %s", Printable.text(copied, Printable.MESSAGE));
                }
                String last = frame.lines().isEmpty()
                        ? String.format(Locale.ROOT, "%s!func[%d] + 0x%x", module, frame.function(), frame.offset())
                        : Printable.text(frame.lines().getLast(), Printable.MESSAGE);
                line("  #%-3d %s", number++, last);
            }
        }
        for (int i = 0; i < dump.instances().size(); i++) {
            CoreDump.InstanceOf instance = dump.instances().get(i);
            line("");
            line("instance %d of %s:", i, Printable.name(dump.modules().get(instance.module())));
            instance.memories().forEach(memory -> memory(memory, dump.memories().get(memory)));
            for (int k = 0; k < instance.globals().size(); k++) {
                line("  global[%d] %s", k, value(dump.globals().get(instance.globals().get(k))));
            }
        }
        return out.toString();
    }

    private void memory(int index, CoreDump.MemoryOf memory) {
        List<CoreDump.Segment> segments = memory.segments();
        long kept = segments.stream().mapToLong(segment -> segment.bytes().length).sum();
        line("  memory %d: %,d bytes, of which %,d in %,d segments, all else zero", index, memory.bytes(), kept, segments.size());
    }

    private static String value(CoreDump.GlobalOf global) {
        return switch (global.type()) {
            case 0x7F -> "i32 " + (int) global.bits();
            case 0x7E -> "i64 " + global.bits();
            case 0x7D -> "f32 " + Values.print(Float.intBitsToFloat((int) global.bits()));
            case 0x7C -> "f64 " + Values.print(Double.longBitsToDouble(global.bits()));
            case 0x7B -> String.format(Locale.ROOT, "v128 0x%016x%016x", global.high(), global.bits());
            default -> "a reference";
        };
    }

    private void line(String format, Object... args) {
        out.append(args.length == 0 ? format : String.format(Locale.ROOT, format, args)).append('\n');
    }
}
