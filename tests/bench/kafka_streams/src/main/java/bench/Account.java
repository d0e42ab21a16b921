package bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The rule of the job, as in tests/bench/job.py: three months of charges and units, and the level of the tier. */
final class Account {
    static final String[] TIERS = {null, "C6", "C5", "C4", "C3", "C2", "C1"};
    static final int BYTES = 75;
    private static final long[] BOUNDS = {0, 60_000, 90_000, 150_000, 240_000, 450_000, 900_000, Long.MAX_VALUE};

    int level;
    int latest;
    private final long[] charges = new long[3];
    private final long[] units = new long[9];

    /** Adds an event; gives the level held before if the tier changed, else -1. */
    int add(int month, int firstUnit, long amount, long chargeFen) {
        if (month > latest) {
            turnTo(month);
        } else if (month < latest - 2) {
            return -1;
        }
        int slot = month % 3;
        charges[slot] += chargeFen;
        units[firstUnit + slot] += amount;
        long total = total();
        if (BOUNDS[level] <= total && total < BOUNDS[level + 1]) {
            return -1;
        }
        int before = level;
        level = 0;
        while (total >= BOUNDS[level + 1]) {
            level++;
        }
        return before;
    }

    private void turnTo(int month) {
        for (int gone = Math.max(latest, month - 3) + 1; gone <= month; gone++) {
            int slot = gone % 3;
            charges[slot] = units[slot] = units[3 + slot] = units[6 + slot] = 0;
        }
        latest = month;
    }

    private long total() {
        return charges[0] + charges[1] + charges[2];
    }

    long arpuFen() {
        return total() / 3;
    }

    byte[] pack() {
        ByteBuffer to = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        to.put((byte) level).putShort((short) latest);
        for (long charge : charges) {
            to.putLong(charge);
        }
        for (int i = 0; i < 6; i++) {
            to.putInt((int) units[i]);
        }
        for (int i = 6; i < 9; i++) {
            to.putLong(units[i]);
        }
        return to.array();
    }

    static Account unpack(byte[] packed) {
        ByteBuffer from = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
        Account account = new Account();
        account.level = from.get();
        account.latest = from.getShort();
        for (int i = 0; i < 3; i++) {
            account.charges[i] = from.getLong();
        }
        for (int i = 0; i < 6; i++) {
            account.units[i] = from.getInt();
        }
        for (int i = 6; i < 9; i++) {
            account.units[i] = from.getLong();
        }
        return account;
    }
}
