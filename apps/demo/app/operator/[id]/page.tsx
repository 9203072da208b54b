import { metadataFor } from '../../../lib/page-metadata.ts';

export { default } from '../../chat/[id]/page.tsx';

export const generateMetadata = metadataFor(true);
