package org.sallyport.loader;

import static org.sallyport.wasm.Malformed.SECTION_ID;
import static org.sallyport.wasm.Malformed.SECTION_ORDER;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.BinaryPlace;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.LoadLimits;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.spi.ModuleDescription.Fault;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.ForeignProposal;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.Range;

/**
 * Reads a binary as far as that goes, each section for itself, with all proposals on. Used once. What {@link DecodeModule}
 * would refuse altogether is kept as a fault here.
 */
final class DescribeModule {
    private static final int HEADER_BYTES = 8;

    private final byte[] binary;
    private final DecodeModule decoder;
    private final Context context;
    private final ByteReader in;
    private final List<ModuleDescription.Section> sections = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final FindNeeds needs;

    DescribeModule(byte[] binary, LoadLimits limits) {
        this.binary = binary;
        decoder = new DecodeModule(binary, EnumSet.allOf(Feature.class), limits, CompileBudget.unlimited());
        context = decoder.context;
        in = decoder.in;
        needs = new FindNeeds(binary, this::fault);
    }

    ModuleDescription describe() {
        boolean isModule = tried("header", HEADER_BYTES, decoder::header);
        if (isModule) {
            sections();
        }
        WasmModule found = decoder.found();
        if (isModule) {
            needs.of(found);
        }
        return new ModuleDescription(List.copyOf(sections), found, needs.all(), List.copyOf(faults));
    }

    private interface Step {
        void run();
    }

    /** Whether nothing was wrong; goes on at {@code next} in any case. */
    private boolean tried(String where, int next, Step step) {
        boolean done = false;
        context.enter(where);
        try {
            step.run();
            done = true;
        } catch (MalformedCodeException e) {
            fault(e, context.place(e.offset()));
        } catch (LimitExceededException e) {
            faults.add(new Fault(String.valueOf(e.getMessage()), context.place(in.position()), null));
        }
        in.reset(Math.min(next, binary.length), binary.length);
        return done;
    }

    private void fault(MalformedCodeException e, BinaryPlace place) {
        String what = e.specText() + (e.detail().isEmpty() ? "" : ": " + e.detail());
        faults.add(new Fault(what, place, e.proposal()));
        if (e.proposal() != null) {
            int function = place.section().equals(Section.CODE.text) ? place.entry() : FindNeeds.OUTSIDE;
            needs.need(e.proposal(), e.detail().isEmpty() ? e.specText() : e.detail(), function, place);
        }
    }

    private void sections() {
        int previous = -1;
        while (in.hasNext()) {
            int at = in.position();
            Range range = next();
            if (range == null) {
                return;
            }
            int id = binary[at] & 0xFF;
            Section section = Section.of(id);
            int place = previous < 0 ? 0 : Section.values()[previous].id;
            sections.add(new ModuleDescription.Section(name(id, section, range), range.start(), range.length()));
            tried(section == null ? "module" : section.text, range.end(), () -> {
                if (section != null) {
                    decoder.contents(section, range);
                    context.endOfSection(range.end());
                } else if (id == Section.CUSTOM_ID) {
                    decoder.custom(range, place);
                } else {
                    throw new MalformedCodeException(
                            SECTION_ID, at, Integer.toString(id), ForeignProposal.ofSection(id));
                }
            });
            if (section != null && section.ordinal() <= previous) {
                tried("module", range.end(), () -> {
                    throw new MalformedCodeException(SECTION_ORDER, at, section.text + " section");
                });
            } else if (section != null) {
                previous = section.ordinal();
            }
        }
    }

    /** The extent of the next section, with {@link #in} at its start; null where its size makes no sense. */
    private @Nullable Range next() {
        Range[] range = new Range[1];
        boolean sized = tried("module", binary.length, () -> {
            in.u8();
            range[0] = in.sized();
        });
        if (sized) {
            in.reset(range[0].start(), binary.length);
        }
        return range[0];
    }

    private String name(int id, @Nullable Section section, Range range) {
        if (section != null) {
            return section.text;
        }
        if (id != Section.CUSTOM_ID) {
            return "section " + id;
        }
        try {
            return "custom \"" + new ByteReader(binary, range.start(), range.end()).name() + "\"";
        } catch (MalformedCodeException e) {
            return "custom";
        }
    }
}
