"""A flood of bad records stops a worker loudly; what the runbook says then, helps."""

from stream_app.lane import EXIT_FATAL
from tests.faults.crew import Ending
from tests.faults.scene import Scene

BAD_RECORDS = 3000


async def test_a_flood_of_bad_records_stops_the_worker_until_an_operator_lets_them_pass(scene: Scene) -> None:
    members = (scene.one, scene.two)
    async with scene.load():
        async with scene.fault("a flood of bad records, let pass by an operator"):
            earlier = endings(scene)
            scene.flood(BAD_RECORDS)
            await scene.until(lambda: len(endings(scene)) > len(earlier), "the flood to stop a worker")
            stopped = [ending for ending in endings(scene) if ending not in earlier]
            assert stopped[0].code == EXIT_FATAL
            assert "STREAM_APP_DEAD_LETTER_SHARE" in stopped[0].words
            for member in members:
                await member.let_go()
                member.start(lasting={"STREAM_APP_DEAD_LETTER_SHARE": "1"})
        await scene.exact()
        for member in members:
            await member.let_go()
            member.start()


def endings(scene: Scene) -> list[Ending]:
    return [*scene.one.endings, *scene.two.endings]
